"""Verifications wait here, in memory, until `writing` writes them down once a second.

No database write stands between a reader and the verdict. A process killed with -9 loses at
most the last second of counts; the log has each verification all the same.
"""

import threading
from collections import Counter
from datetime import datetime

from django.db import DatabaseError, InterfaceError, transaction

from observability import audit
from observability.events import Event
from verification import counting
from verification.visits import Visit

# With the database away for hours, memory stays flat; metrics and log still have every visit.
LIMIT = 50_000

_lock = threading.Lock()
_waiting: Counter[Visit] = Counter()


def append(visit: Visit, number: int = 1) -> None:
    """Count verifications that are alike; cheap, and safe from every thread."""
    with _lock:
        if visit in _waiting or len(_waiting) < LIMIT:
            _waiting[visit] += number


def drain(*, now: datetime) -> int:
    """Write down what waits, and return how many verifications that was.

    When the database fails, everything waits on and the error goes to the caller.
    """
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
    if not taken:
        return 0
    try:
        with transaction.atomic():
            counting.count(taken)
            _audit(taken, now=now)
    except (DatabaseError, InterfaceError):
        with _lock:
            _waiting.update(taken)
        raise
    return sum(taken.values())


def clear() -> None:
    """Forget what waits."""
    with _lock:
        _waiting.clear()


def _audit(taken: dict[Visit, int], *, now: datetime) -> None:
    """Chain one record per tenant and minute: counts by result, no certificate, no visitor."""
    minutes: dict[tuple[str, datetime], Counter[str]] = {}
    for visit, count in taken.items():
        minutes.setdefault((visit.tenant_id, visit.minute), Counter())[visit.result] += count
    by_tenant: dict[str, list[dict[str, object]]] = {}
    for (tenant_id, minute), results in sorted(minutes.items()):
        payload = {"minute": minute.isoformat(), **results}
        by_tenant.setdefault(tenant_id, []).append(payload)
    for tenant_id, payloads in by_tenant.items():
        audit.record(
            tenant_id=tenant_id,
            actor="public",
            event=Event.CERTIFICATE_VERIFIED,
            payloads=payloads,
            now=now,
        )
