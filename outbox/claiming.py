"""Choose due messages for the broker: fair between lanes, and no more than should stand in it."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from observability import rows
from outbox import policy
from outbox.lanes import Lane
from outbox.models import OutboxMessage

# All lanes in one statement: for each what of it awaits a worker, and its first messages. A lane
# whose window is full is not looked into.
_OF_ALL_LANES = """
SELECT lane.number, awaiting.weight, message.id, message.task, message.weight, message.attempts
FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY AS lane(tenant_id, task, until, number)
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(weight), 0) AS weight FROM outbox_outboxmessage
    WHERE done_at IS NULL AND dead_at IS NULL
    AND tenant_id = lane.tenant_id AND task = lane.task AND available_at > %s
    AND dispatched_at IS NOT NULL AND attempts = 0
) AS awaiting
CROSS JOIN LATERAL (
    SELECT id, task, weight, attempts FROM outbox_outboxmessage
    WHERE awaiting.weight < %s AND done_at IS NULL AND dead_at IS NULL
    AND tenant_id = lane.tenant_id AND task = lane.task AND available_at <= lane.until
    ORDER BY available_at, id LIMIT %s
    FOR UPDATE SKIP LOCKED
) AS message
ORDER BY lane.number
"""
_FIELDS = ("pk", "task", "weight", "attempts")


@dataclass(frozen=True, slots=True)
class Due:
    """What the relay must know of a message to send it: a worker reads the rest for itself."""

    id: int
    task: str
    weight: int
    attempts: int


def lock(due: Sequence[Lane], *, now: datetime, limit: int) -> list[Due]:
    """Return up to `limit` due messages, held until the end of the caller's transaction.

    Each lane has the same share, and gets no more than fits into its window beside what of it
    was sent and not begun.
    """
    # Of more lanes than messages, some have their turn by lot: a fair one, no secret.
    some = random.sample(due, min(len(due), limit))
    found = _of_all if connection.vendor == "postgresql" else _of_each
    return list(_fitting(found(some, now=now, limit=max(1, limit // len(some)))))


_Found = tuple[int, int, Due]


def _of_all(chosen: Sequence[Lane], *, now: datetime, limit: int) -> Iterator[_Found]:
    """Yield for each message the number of its lane, what of that is awaited, and itself."""
    values: list[Any] = [
        [lane.tenant_id for lane in chosen],
        [lane.task for lane in chosen],
        [rows.timestamp(lane.until(now=now)) for lane in chosen],
        *(rows.timestamp(now), policy.WINDOW, limit),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OF_ALL_LANES, values)
        for number, awaited, *fields in cursor.fetchall():
            yield number, awaited, Due(*fields)


def _of_each(chosen: Sequence[Lane], *, now: datetime, limit: int) -> Iterator[_Found]:
    """Do the same where the database knows no LATERAL: two queries a lane.

    SQLite knows no row locks and needs none: its transactions begin IMMEDIATE.
    """
    for number, lane in enumerate(chosen):
        pending: QuerySet[OutboxMessage] = OutboxMessage.objects.pending().filter(
            tenant_id=lane.tenant_id, task=lane.task
        )
        sent = pending.filter(available_at__gt=now, dispatched_at__isnull=False, attempts=0)
        awaited = int(sent.aggregate(weight=Sum("weight"))["weight"] or 0)
        if awaited < policy.WINDOW:
            first = pending.filter(available_at__lte=lane.until(now=now)).order_by(
                "available_at", "id"
            )
            for fields in first.values_list(*_FIELDS)[:limit]:
                yield number, awaited, Due(*fields)


def _fitting(found: Iterable[_Found]) -> Iterator[Due]:
    """Yield messages while their lane's window has room; the heaviest alone always fits."""
    taken: dict[int, int] = {}
    for number, awaited, message in found:
        before = taken.get(number, awaited)
        taken[number] = before + message.weight
        if before == 0 or taken[number] <= policy.WINDOW:
            yield message
