"""Note a verification that was answered: metrics, log line, and a place in the buffer.

An answer from memory is noted like one that was reached anew, only many of them at once.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf

from django.conf import settings

from certificates.attributes import event_attributes
from observability import batches, metrics, spans
from observability.events import Event, emit, event_members
from observability.spans import Span
from verification import buffer
from verification.answered import Answered, Hit
from verification.buffer import Visit
from verification.lookup import Report
from verification.verdict import State

_EVENT = Event.CERTIFICATE_VERIFIED
_MINUTE = timedelta(minutes=1).total_seconds()


def note(report: Report, *, seconds: float, now: datetime) -> Answered:
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
        line=batches.line(_EVENT, "certification", members, settings.LOG_FORMAT),
        since=since,
        until=min(since + _MINUTE, ends),
        ends=ends,
    )
    buffer.append(_visit(answered, now.timestamp()))
    return answered


def note_hits(hits: Sequence[Hit]) -> None:
    """Count, log and trace answers from memory, every one of them."""
    batches.record((kind, request_id, at, seconds) for _, kind, request_id, at, seconds in hits)
    batches.log((answered.line, at, request_id) for answered, _, request_id, at, _ in hits)
    metrics.PUBLIC_VERIFY_CACHE_REQUESTS.labels("hit").inc(len(hits))
    metrics.observe_many(metrics.PUBLIC_VERIFY_DURATION.labels("hit"), [hit[4] for hit in hits])
    visits = Counter(_visit(answered, at) for answered, _, _, at, _ in hits)
    for visit, number in visits.items():
        metrics.VERIFICATION.labels(visit.result).inc(number)
        metrics.TENANT_VERIFICATION.labels(visit.tenant_id, visit.result).inc(number)
        buffer.append(visit, number)
    if spans.are_recorded():
        for answered, _, _, at, seconds in hits:
            spans.record(
                Span.VERIFY_PUBLIC,
                at=at,
                seconds=seconds,
                cache="hit",
                certificate_id=answered.certificate_id,
                tenant_id=answered.tenant_id,
            )


def _visit(answered: Answered, at: float) -> Visit:
    minute = datetime.fromtimestamp(at // _MINUTE * _MINUTE, UTC)
    return Visit(answered.tenant_id, answered.certificate_id, minute, answered.result)
