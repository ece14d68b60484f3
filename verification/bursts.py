"""One token asked for 10,000 times within a minute, by all processes of all hosts together.

Each process counts by ten seconds and adds to a shared table once a second. The window is the
present ten seconds and the six before, so none that is true is missed. A process shares a token
that it was asked for ten times, or that another shares already: a burst in so small parts that all
of them stay below would need more than a thousand processes, and links that are opened now and
then cost no write.
"""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Greatest

from observability import audit, metrics, rows
from observability.events import Event, emit
from observability.origins import Origin
from observability.user_agents import UNKNOWN
from verification.answered import Answered
from verification.models import Anomaly, Recent

THRESHOLD = 10_000
_SHARED_FROM = THRESHOLD // 1_000
_BUCKET_SECONDS = 10
_WINDOW = timedelta(seconds=6 * _BUCKET_SECONDS)
# So long after its last sight a burst is over, and the next one is told anew.
QUIET = timedelta(minutes=10)
# Beyond this the oldest are forgotten. Hot ones are shared, and so gone from here, each second.
LIMIT = 50_000

_BURST = Anomaly.Kind.TOKEN_BURST
_KEY = ("fingerprint", "bucket", "country", "ua_class")


class Asking(NamedTuple):
    """Questions for one token that are alike. Empty ids: no certificate."""

    fingerprint: str
    bucket: datetime
    country: str
    ua_class: str
    tenant_id: str
    certificate_id: str


_lock = threading.Lock()
_mine: Counter[Asking] = Counter()


def note(answered: Answered, *, at: float, origin: Origin, number: int = 1) -> None:
    """Count answers given at a Unix time; in memory only."""
    if not answered.fingerprint:
        return
    asking = Asking(
        fingerprint=answered.fingerprint,
        bucket=_bucket(at),
        country=UNKNOWN if origin.is_private else origin.country,
        ua_class=UNKNOWN if origin.is_private else origin.ua_class,
        tenant_id=answered.tenant_id,
        certificate_id=answered.certificate_id,
    )
    with _lock:
        _mine[asking] += number
        if len(_mine) > LIMIT:
            del _mine[next(iter(_mine))]


def share(*, now: datetime) -> None:
    """Add what this process counted to what all did, and tell of each token asked for too often.

    What cannot be written waits for the next time, while it is of any use.
    """
    since = _bucket(now.timestamp()) - _WINDOW
    with _lock:
        for old in [asking for asking in _mine if asking.bucket < since]:
            del _mine[old]
        mine = dict(_mine)
    if not mine:
        return
    recent = Recent.objects.filter(bucket__gte=since)
    hot = set(recent.values_list("fingerprint", flat=True).distinct())
    hot |= {name for name, number in _by_token(mine).items() if number >= _SHARED_FROM}
    shared = {asking: number for asking, number in mine.items() if asking.fingerprint in hot}
    if not shared:
        return
    with transaction.atomic():
        Recent.objects.filter(bucket__lt=since).delete()
        objects = [
            Recent(**dict(zip(_KEY, asking, strict=False)), count=number)
            for asking, number in sorted(shared.items())
        ]
        rows.add(objects, counter="count", key=_KEY)
    with _lock:
        _mine.subtract(shared)
        for asking in shared:
            if _mine[asking] <= 0:
                del _mine[asking]
    whose = {asking.fingerprint: asking for asking in shared}
    sums = recent.values_list("fingerprint").annotate(total=Sum("count"))
    for fingerprint, total in sums.filter(total__gte=THRESHOLD):
        if fingerprint in whose:
            _tell(whose[fingerprint], total, since=since, now=now)


def clear() -> None:
    """Forget what this process counted."""
    with _lock:
        _mine.clear()


@transaction.atomic
def _tell(asking: Asking, total: int, *, since: datetime, now: datetime) -> None:
    """Open an anomaly and tell of it, or note in the one that is open that it goes on."""
    anomalies = Anomaly.objects.filter(fingerprint=asking.fingerprint, kind=_BURST)
    anomalies.filter(is_open=True, last_seen_at__lt=now - QUIET).update(is_open=False)
    recent = Recent.objects.filter(fingerprint=asking.fingerprint, bucket__gte=since)
    country, ua_class = (_most(recent, name) for name in ("country", "ua_class"))
    anomaly, is_new = Anomaly.objects.get_or_create(
        kind=_BURST,
        fingerprint=asking.fingerprint,
        is_open=True,
        defaults={
            "tenant_id": asking.tenant_id or None,
            "certificate_id": UUID(asking.certificate_id) if asking.certificate_id else None,
            "started_at": now,
            "last_seen_at": now,
            "count": total,
            "top_country": country,
            "top_ua_class": ua_class,
        },
    )
    if not is_new:
        Anomaly.objects.filter(pk=anomaly.pk).update(
            last_seen_at=Greatest("last_seen_at", now), count=Greatest("count", total)
        )
        return
    attributes = {
        "verification_token_fingerprint": asking.fingerprint,
        "count": total,
        "top_country": country,
        "top_ua_class": ua_class,
    }
    audit.record(
        tenant_id=asking.tenant_id,
        actor="public",
        event=Event.VERIFY_ANOMALY,
        payloads=[attributes],
        now=now,
    )
    transaction.on_commit(lambda: _announce(asking.tenant_id, attributes))


def _announce(tenant_id: str, attributes: dict[str, object]) -> None:
    metrics.VERIFY_ANOMALY.labels(_BURST.value).inc()
    emit(Event.VERIFY_ANOMALY, tenant_id=tenant_id, **attributes)


def _by_token(askings: dict[Asking, int]) -> Counter[str]:
    numbers: Counter[str] = Counter()
    for asking, number in askings.items():
        numbers[asking.fingerprint] += number
    return numbers


def _most(recent: QuerySet[Recent], name: str) -> str:
    sums = recent.values_list(name).annotate(total=Sum("count")).order_by("-total", name)
    return str(sums[0][0])


def _bucket(at: float) -> datetime:
    return datetime.fromtimestamp(at // _BUCKET_SECONDS * _BUCKET_SECONDS, UTC)
