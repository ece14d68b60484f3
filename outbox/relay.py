"""Take due messages and see that their tasks run: through the broker, or in this process.

At least once: a message is marked only after the fact. One whose worker was killed comes back
when its lease is over; one whose relay was killed while it was being sent is due as before.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

import structlog
from celery import Task, current_app
from django.conf import settings
from django.db import InterfaceError, close_old_connections, transaction
from django.db import OperationalError as DatabaseAway
from django.db.models import F
from django.utils.module_loading import autodiscover_modules
from kombu.exceptions import OperationalError

from observability import context
from outbox import claiming, policy, running, together, topics
from outbox.claiming import Due
from outbox.lanes import Lane, lanes
from outbox.models import OutboxMessage
from outbox.turns import Turns

# A broker that takes messages and confirms none, as RabbitMQ does when its disk is full, is away.
_CONFIRM_SECONDS = 5

_log = structlog.get_logger("outbox")
_turns = Turns()


class BrokerAway(Exception):
    """The broker does not answer. No message is to blame: none was counted as tried."""


def deliver(*, now: datetime, limit: int = 1000, only: str = "") -> int:
    """Deliver one batch of due messages, fair between lanes; return how many were taken.

    `only` names one task, for whoever waits for it and leaves the rest to the relay that serves.
    In process a batch is light messages of one lane, a tenth of a second at most: what arrives
    meanwhile waits that long, or for the one task at hand.
    """
    due = [lane for lane in lanes() if lane.is_due(now=now) and only in ("", lane.task)]
    if not due:
        return 0  # without a transaction: an idle relay takes no lock
    if settings.CELERY_BROKER_URL:
        return _send(due, now=now, limit=limit)
    (lane,) = _turns.next_of(due)
    with _turns.timed(lane):
        return _run_here(lane, now=now)


def drain(*, clock: Callable[[], datetime]) -> int:
    """Deliver until nothing is due; return how many messages were taken."""
    total = 0
    while taken := deliver(now=clock()):
        total += taken
    return total


def run(
    *, message_ids: Sequence[int], clock: Callable[[], datetime], pause: Callable[[], None]
) -> None:
    """Run the tasks of messages that came through the broker, one after another.

    Whatever one raises, the others run; a message that is settled already is left alone. While
    the database is away this waits with what it has in hand, instead of dropping it.
    """
    left = list(message_ids)
    while left:
        try:
            found = OutboxMessage.objects.pending().in_bulk(left)
            left = [message_id for message_id in left if message_id in found]
            while left:
                messages, now = [found[message_id] for message_id in left], clock()
                begun = running.begin(messages, now=now)
                for message in messages:
                    # What it hands back is as if sent just now: read before the relay had marked
                    # it, it would be due, and sent again while it is begun here again.
                    message.available_at = now + policy.RESEND
                del left[: running.run(messages, begun=begun, call=_call, now=now)]
        except (InterfaceError, DatabaseAway) as error:
            _log.warning("worker_waits", error=f"{type(error).__name__}: {error}")
            pause()
            close_old_connections()  # a cut one would fail for ever


def task(name: str) -> "Task[..., Any]":
    """Return a task of any room by its name; the rooms are loaded with the first call."""
    _load_tasks()
    return current_app.tasks[name]


@cache
def _load_tasks() -> None:
    # Not at start-up: a web process never needs what tasks import, such as the renderer. And not
    # by Celery's loader, which would go on without a room whose import failed.
    autodiscover_modules("tasks")


def _run_here(lane: Lane, *, now: datetime) -> int:
    """Run the first messages of a lane outside any transaction of ours."""
    with transaction.atomic():
        pending = OutboxMessage.objects.pending().filter(
            tenant_id=lane.tenant_id, task=lane.task, available_at__lte=lane.until(now=now)
        )
        # SQLite knows no row locks and needs none: its transactions begin IMMEDIATE.
        first = pending.order_by("available_at", "id").select_for_update(skip_locked=True)
        first = first.only("task", "payload", "headers", "weight", "attempts", "available_at")
        messages = next(_bundles(list(first[: max(1, policy.BUNDLE)])), [])
        if not messages:
            return 0  # another relay was quicker
        begun = running.begin(messages, now=now)
    return running.run(messages, begun=begun, call=_call, now=now)


def _send(due: Sequence[Lane], *, now: datetime, limit: int) -> int:
    """Hand messages to the broker, and mark those it confirmed in one statement.

    They are locked meanwhile: no other relay sends them, and a worker that has one already waits
    until it is marked. When this process dies, or the broker is away, the rest is as due as it was.
    """
    sent: list[int] = []
    failure: Exception | None = None
    with transaction.atomic():
        messages = claiming.lock(due, now=now, limit=limit)
        try:
            for bundle in _bundles(sorted(messages, key=attrgetter("task"))):
                _publish(bundle)
                sent += [message.id for message in bundle]
        except Exception as error:  # noqa: BLE001 - what went before it is sent all the same
            failure = error
        if sent:
            OutboxMessage.objects.filter(pk__in=sent).update(
                dispatched_at=now, available_at=now + policy.RESEND
            )
    if isinstance(failure, OperationalError):
        # What stands in its queues and nobody began is due again, as old as it is: a broker may
        # come back without it, and the lag shows the outage.
        OutboxMessage.objects.pending().filter(dispatched_at__isnull=False, attempts=0).update(
            available_at=F("created_at"), dispatched_at=None
        )
        raise BrokerAway(str(failure)) from failure
    if failure is not None:
        raise failure
    return len(sent)


def _publish(bundle: Sequence[Due]) -> None:
    """Send messages of one task that travel together to the queue they belong into."""
    route = current_app.amqp.router.route({}, bundle[0].task)
    ids = [message.id for message in bundle]
    current_app.send_task(
        topics.RUN,
        kwargs={"message_ids": ids},
        kwargsrepr=f"{len(ids)} messages",  # Celery's own takes longer than sending
        confirm_timeout=_CONFIRM_SECONDS,
        **route,
    )


_Message = TypeVar("_Message", Due, OutboxMessage)


def _bundles(messages: Sequence[_Message]) -> Iterator[list[_Message]]:
    """Yield messages of one task that travel together.

    What failed before goes alone: where a task kills its process, those that went with it are
    tried again without it.
    """
    for _, alike in groupby(messages, key=attrgetter("task")):
        bundle: list[_Message] = []
        weight = 0
        for message in alike:
            alone = bool(message.attempts)
            if bundle and (alone or weight + message.weight > policy.BUNDLE):
                yield bundle
                bundle, weight = [], 0
            bundle.append(message)
            weight += policy.BUNDLE if alone else message.weight
        yield bundle


def _call(messages: Sequence[OutboxMessage], attempt: int) -> None:
    """Run the task of messages, as a part of the requests that asked for it."""
    with context.carried(*[message.headers for message in messages], attempt=attempt):
        # The function itself: Celery's own bookkeeping of calls takes longer than ours.
        task(messages[0].task).run(**together.payload(messages))
