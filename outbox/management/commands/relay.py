"""Deliver outbox messages until told to stop; without a broker also run what a clock would."""

import signal
import threading
import time
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from observability import database_clock, exposition
from outbox import relay
from outbox.schedule import Schedule

# What is written in an idle moment waits this long at most, and half of it on average.
_LOOK_EVERY = 0.04
# Looking walks over the lanes: where there are very many, it may take a twentieth of the time.
_REST = 20
# With a broker, what comes singly is let gather: sent one by one, the sending costs more than the
# work. Without one, whoever was let gather would be idle meanwhile.
_FEW = 100
_WAIT_AFTER_TROUBLE = 2.0

_log = structlog.get_logger("outbox")


class Command(BaseCommand):
    """`manage.py relay`: several may run; SIGTERM ends one after the task at hand."""

    help = "Deliver outbox messages until SIGTERM."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if settings.METRICS_PORT:
            exposition.serve(port=settings.METRICS_PORT)
        # With a broker, beat is the clock.
        entries = {} if settings.CELERY_BROKER_URL else current_app.conf.beat_schedule
        schedule = Schedule(entries)
        _log.info("relay_started")
        while not stop.is_set():
            stop.wait(_turn(schedule))
        _log.info("relay_stopped")


def _turn(schedule: Schedule) -> float:
    """Do what is due; return how long to wait before looking again."""
    close_old_connections()
    try:
        for task in schedule.due(now=database_clock.now()):
            _run(task)
        started = time.monotonic()
        taken = relay.deliver(now=database_clock.now())
        if taken > (_FEW if settings.CELERY_BROKER_URL else 0):
            return 0.0
        return max(_LOOK_EVERY, _REST * (time.monotonic() - started))
    except (relay.BrokerAway, Error) as error:
        # Broker or database away: they come back, and the messages are still there.
        _log.warning("relay_waits", error=f"{type(error).__name__}: {error}")
        return _WAIT_AFTER_TROUBLE


def _run(task: str) -> None:
    try:
        relay.task(task)()
    except Error:
        raise
    except Exception:  # noqa: BLE001 - whatever a task raises
        # A clock that stopped at one failing task would stop them all.
        _log.exception("scheduled_task_failed", task=task)
