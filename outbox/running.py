"""Run messages' tasks and settle the messages: the same in a worker and in the relay.

Messages begin together and end together, in one statement each: beside a task of a millisecond,
two transactions for each message would be most of the work.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from observability import rows
from observability.redaction import redact
from outbox import policy, together
from outbox.models import OutboxMessage

_LONGEST_ERROR = 1000
_DISK_FULL = "53100"  # PostgreSQL, appendix A


class TryLater(Exception):
    """What the task needs is away: a disk, another service. It is tried until that is back."""


_given_up: dict[str, Callable[[Mapping[str, Any]], None]] = {}
_log = structlog.get_logger("outbox")

# Counting and asking are one statement, so that two copies never count as one attempt. Rows are
# locked in one order: two workers with the same messages wait for each other, and not both.
_BEGIN = """
UPDATE outbox_outboxmessage
SET attempts = attempts + 1, dispatched_at = %s, available_at = %s
WHERE id IN (
    SELECT id FROM outbox_outboxmessage
    WHERE id IN ({marks}) AND done_at IS NULL AND dead_at IS NULL AND attempts < %s
    ORDER BY id {locked}
)
RETURNING id, attempts
"""
_FINISH = """
UPDATE outbox_outboxmessage
SET done_at = %s, dead_at = NULL, last_error = ''
WHERE id IN (SELECT id FROM outbox_outboxmessage WHERE id IN ({marks}) ORDER BY id {locked})
"""


def when_given_up(task: str, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Call `tell` with the payload, once, when a message for a task is given up."""
    _given_up[task] = tell


def begin(messages: Sequence[OutboxMessage], *, now: datetime) -> dict[int, int]:
    """Hold messages for a lease and return the number of the attempt of each that is to be run.

    The attempt is counted before the call: a task that kills its process counts too.
    """
    ids = [message.pk for message in messages]
    values = [rows.timestamp(now), rows.timestamp(now + policy.LEASE), *ids, policy.MAX_ATTEMPTS]
    begun = {int(pk): int(attempt) for pk, attempt in _execute(_BEGIN, len(ids), values)}
    for pk in ids:
        if pk not in begun:
            # Either somebody else finished it, or each attempt ended with its process's death.
            _settle(pk, dead_at=now, last_error="Each process that ran it died.")
    return begun


def run(
    messages: Sequence[OutboxMessage],
    *,
    begun: Mapping[int, int],
    call: Callable[[Sequence[OutboxMessage], int], object],
    now: datetime,
) -> int:
    """Call for the messages that have begun, with their attempt, and settle them all.

    One after another, or some together, whatever one raises. Returns how many had their turn: when
    time is up, those that had none are as due as they were, and have not been tried.
    """
    done: list[int] = []
    turns, until = 0, time.monotonic() + policy.BUNDLE / 1000
    try:
        for group in together.groups(messages, begun):
            if turns and time.monotonic() > until:
                break
            turns += len(group)
            done += _try(group, begun, call, now)
    finally:
        # Another copy may have been given up meanwhile: done is done.
        if done:
            _execute(_FINISH, len(done), [rows.timestamp(now), *done])
        for message in messages[turns:]:
            _hand_back(message, begun)
    return turns


def _try(
    group: Sequence[OutboxMessage],
    begun: Mapping[int, int],
    call: Callable[[Sequence[OutboxMessage], int], object],
    now: datetime,
) -> list[int]:
    """Call once for all of a group, or where that fails for each; return which are done."""
    first = group[0]
    if first.pk not in begun:
        return []
    try:
        call(group, begun[first.pk])
    except Exception as error:  # noqa: BLE001 - whatever a task raises
        if len(group) > 1:
            _log.exception("together_in_vain", task=first.task, messages=len(group))
            return [pk for one in group for pk in _try([one], begun, call, now)]
        # One task's failure is on its message; the others must go on.
        if isinstance(error, TryLater):
            _log.warning("message_waits", task=first.task, message_id=first.pk)
        else:
            _log.exception("message_failed", task=first.task, message_id=first.pk)
        _back_off(first.pk, begun[first.pk], error, now)
        return []
    return [message.pk for message in group]


def _execute(statement: str, number: int, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    # SQLite knows no row locks and needs none.
    locked = "FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(marks=", ".join(["%s"] * number), locked=locked), values)
        return list(cursor.fetchall()) if cursor.description else []


def _hand_back(message: OutboxMessage, begun: Mapping[int, int]) -> None:
    """Undo the beginning of a message, unless somebody else has begun it since."""
    if message.pk in begun:
        OutboxMessage.objects.pending().filter(pk=message.pk, attempts=begun[message.pk]).update(
            attempts=begun[message.pk] - 1, available_at=message.available_at
        )


def _back_off(message_id: int, attempt: int, error: Exception, now: datetime) -> None:
    """Let the message wait, longer each time, or give it up unless it is not to blame."""
    counted: dict[str, int] = {}
    if attempt > policy.MOST_COUNTED and _is_patient(error):
        attempt = counted["attempts"] = policy.MOST_COUNTED
    _settle(
        message_id,
        **counted,
        available_at=now + policy.wait_after(attempts=attempt),
        dead_at=now if attempt >= policy.MAX_ATTEMPTS else None,
        last_error=redact(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR],
    )


def _is_patient(error: Exception) -> bool:
    """Say whether the fault lies with what the task needs: a full database counts, too."""
    cause = error.__cause__
    is_full = "SQLITE_FULL" in getattr(cause, "sqlite_errorname", "") or (
        getattr(cause, "pgcode", "") == _DISK_FULL
    )
    return isinstance(error, TryLater) or is_full


@transaction.atomic
def _settle(message_id: int, *, dead_at: datetime | None, **fields: Any) -> None:
    """Write down how a message stands; when it is given up, tell its room in the same breath."""
    pending = OutboxMessage.objects.pending().filter(pk=message_id)
    if pending.update(dead_at=dead_at, **fields) and dead_at is not None:
        message = OutboxMessage.objects.get(pk=message_id)
        tell = _given_up.get(message.task)
        if tell is not None:
            tell(message.payload)
