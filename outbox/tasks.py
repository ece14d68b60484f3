"""Tasks of the outbox's own: the clock's sweep and the purge."""

import time
from typing import Any

from celery import shared_task
from django.conf import settings

from observability import database_clock, heartbeat
from outbox import purging, relay, topics

_DATABASE_AWAY_SECONDS = 1.0


@shared_task(name=topics.RUN, ignore_result=True)
def run(*, message_ids: list[int], **_: Any) -> None:
    """Run the tasks of these messages: how a worker gets whatever the outbox holds."""
    relay.run(
        message_ids=message_ids,
        clock=database_clock.now,
        pause=lambda: time.sleep(_DATABASE_AWAY_SECONDS),
    )


@shared_task(name=topics.SWEEP, ignore_result=True)
def sweep(**_: Any) -> None:
    """Show that the clock runs, and send what no relay has.

    Without a broker it is the relay that runs this: it has its own turns, and can be ended
    between any two of them.
    """
    heartbeat.mark(now=database_clock.now())
    if settings.CELERY_BROKER_URL:
        relay.drain(clock=database_clock.now)


@shared_task(name=topics.PURGE, ignore_result=True)
def purge(**_: Any) -> None:
    """Forget old messages."""
    purging.purge(now=database_clock.now())
