"""Note a verification that was answered: metrics, log line, and a place in the buffer.

An answer from memory is noted like one that was reached anew, only many of them at once.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf

from django.conf import settings

from certificates.attributes import event_attributes
from observability import batches, metrics, spans
from observability.events import Event, emit, event_members
from observability.origins import Origin
from observability.spans import Span
from verification import buffer, bursts, writing
from verification.answered import Answered, Hit
from verification.lookup import Report
from verification.verdict import State
from verification.visits import visit

_EVENT = Event.CERTIFICATE_VERIFIED
_MINUTE = timedelta(minutes=1).total_seconds()
# Hits of so many seconds are told together: the finest part that anything is counted by.
_ALIKE = 10


def note(report: Report, *, origin: Origin, seconds: float, now: datetime) -> Answered:
    """Count one answer that was reached anew. Never sampled, never delayed by the database."""
    result = report.verdict.result.value
    attributes = {"verification_token_fingerprint": report.fingerprint, "result": result}
    tenant_id = certificate_id = ""
    if report.certificate is not None:
        tenant_id, certificate_id = report.certificate.tenant_id, str(report.certificate.pk)
        metrics.TENANT_VERIFICATION.labels(tenant_id, result).inc()
        attributes |= event_attributes(report.certificate)
    if report.verdict.state is State.EXPIRED:
        attributes["validity"] = "expired"
    metrics.VERIFICATION.labels(result).inc()
    metrics.PUBLIC_VERIFY_CACHE_REQUESTS.labels("miss").inc()
    metrics.PUBLIC_VERIFY_DURATION.labels("miss").observe(seconds)
    emit(_EVENT, tenant_id=tenant_id, **attributes)
    members = event_members(_EVENT, tenant_id=tenant_id, **attributes)
    ends = report.expires_at.timestamp() if report.expires_at and report.verdict.in_force else inf
    since = report.checked_at.timestamp()
    answered = Answered(
        result=result,
        tenant_id=tenant_id,
        certificate_id=certificate_id,
        fingerprint=report.fingerprint,
        line=batches.line(_EVENT, "certification", members, settings.LOG_FORMAT),
        since=since,
        until=min(since + _MINUTE, ends),
        ends=ends,
    )
    _count(answered, at=now.timestamp(), origin=origin)
    writing.start()
    return answered


def note_hits(hits: Sequence[Hit]) -> None:
    """Count, log and trace answers from memory, every one of them."""
    batches.record((kind, request_id, at, seconds) for _, kind, request_id, at, seconds, _ in hits)
    batches.log((answered.line, at, request_id) for answered, _, request_id, at, _, _ in hits)
    metrics.PUBLIC_VERIFY_CACHE_REQUESTS.labels("hit").inc(len(hits))
    metrics.observe_many(metrics.PUBLIC_VERIFY_DURATION.labels("hit"), [hit[4] for hit in hits])
    alike = Counter((answered, at // _ALIKE, origin) for answered, _, _, at, _, origin in hits)
    for (answered, part, origin), number in alike.items():
        metrics.VERIFICATION.labels(answered.result).inc(number)
        metrics.TENANT_VERIFICATION.labels(answered.tenant_id, answered.result).inc(number)
        _count(answered, at=part * _ALIKE, origin=origin, number=number)
    writing.start()
    if spans.are_recorded():
        for answered, _, _, at, seconds, _ in hits:
            spans.record(
                Span.VERIFY_PUBLIC,
                at=at,
                seconds=seconds,
                cache="hit",
                certificate_id=answered.certificate_id,
                tenant_id=answered.tenant_id,
            )


def _count(answered: Answered, *, at: float, origin: Origin, number: int = 1) -> None:
    metrics.PUBLIC_VERIFY_COUNTRY.labels(origin.country).inc(number)
    metrics.PUBLIC_VERIFY_USER_AGENT.labels(origin.ua_class).inc(number)
    buffer.append(visit(answered, at=at, origin=origin), number)
    bursts.note(answered, at=at, origin=origin, number=number)
