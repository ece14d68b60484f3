"""Verifications wait here, in memory, until a thread writes them down once a second.

No database write stands between a reader and the verdict. A process killed with -9 loses at
most the last second of counts; the log has each verification all the same.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import util
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, transaction
from django.db.models import F
from django.utils import timezone

from observability import audit
from observability.events import Event
from verification.models import HourlyVerifications

# With the database away for hours, memory stays flat; metrics and log still have every visit.
LIMIT = 50_000

_log = structlog.get_logger("certification")
_lock = threading.Lock()
_waiting: Counter["Visit"] = Counter()
_thread: threading.Thread | None = None


@dataclass(frozen=True, order=True)
class Visit:
    """What is counted: never who asked, nor with what token. Empty ids: no certificate."""

    tenant_id: str
    certificate_id: str
    minute: datetime
    result: str


def append(visit: Visit, number: int = 1) -> None:
    """Count verifications that are alike; cheap, and safe from every thread."""
    with _lock:
        if visit in _waiting or len(_waiting) < LIMIT:
            _waiting[visit] += number
    if settings.VERIFICATION_FLUSH_SECONDS:
        _start_thread()


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
            _count(taken)
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


def _count(taken: dict[Visit, int]) -> None:
    """Add to the hourly rows, always in the same order so that processes cannot deadlock."""
    hours: Counter[tuple[str, str, datetime, str]] = Counter()
    for visit, count in taken.items():
        hour = visit.minute.replace(minute=0)
        hours[visit.tenant_id, visit.certificate_id, hour, visit.result] += count
    for (tenant_id, certificate_id, hour, result), count in sorted(hours.items()):
        key: dict[str, Any] = {
            "certificate_id": certificate_id or None,
            "hour": hour,
            "result": result,
        }
        row, _ = HourlyVerifications.objects.get_or_create(
            **key, defaults={"tenant_id": tenant_id or None}
        )
        HourlyVerifications.objects.filter(pk=row.pk).update(count=F("count") + count)


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


def _start_thread() -> None:
    """Start the writer with the first visit, so that a forked child starts its own."""
    global _thread  # noqa: PLW0603 - one writer a process
    with _lock:
        if _thread is not None and _thread.is_alive():
            return
        _thread = threading.Thread(target=_write_for_ever, name="verifications", daemon=True)
        _thread.start()
        # Unlike atexit, this also runs at the end of a multiprocessing child.
        util.Finalize(None, _write, exitpriority=10)


def _write_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.VERIFICATION_FLUSH_SECONDS):
        close_old_connections()
        _write()


def _write() -> None:
    try:
        drain(now=timezone.now())  # noqa: TID251 - the thread is an interface: it has the clock
    except (DatabaseError, InterfaceError) as error:
        _log.warning("verification.counts_wait", error=type(error).__name__)
