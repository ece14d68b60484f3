"""Celery beat's scheduler, without a file and without a single point of failure."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from celery.schedules import schedstate, schedule
from django.db import Error, close_old_connections
from django.db.models import Q

from observability import database_clock
from outbox.models import ScheduledRun

# Two clocks never wake at the same moment; this much of the time between two runs is enough.
_ENOUGH = 0.9

_LOOK_AGAIN_SECONDS = 5.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = timedelta(0)
_log = structlog.get_logger("outbox")


def claim(*, task: str, every: timedelta, now: datetime) -> bool:
    """Say whether a task is to be sent now, and note it as sent: True to one of many who ask.

    A last run in the future means that a clock was set back: it counts for nothing.
    """
    run, created = ScheduledRun.objects.get_or_create(task=task, defaults={"last_run_at": now})
    if created:
        return True
    due = Q(last_run_at__lte=now - _ENOUGH * every) | Q(last_run_at__gt=now + every)
    return bool(ScheduledRun.objects.filter(due, pk=run.pk).update(last_run_at=now))


def give_back(*, task: str, every: timedelta, taken_at: datetime) -> None:
    """Make a run that could not be sent due again, unless another was sent since.

    It is due as of one interval ago: no more is known of when it was sent last.
    """
    taken = ScheduledRun.objects.filter(task=task, last_run_at=taken_at)
    taken.update(last_run_at=taken_at - every)


class Clock(Scheduler):
    """Sends what is due; when each task was last sent stands in the database.

    So any number of beats may run side by side, and one that starts sends at once what was due
    while none ran.
    """

    _away_until = 0.0

    def setup_schedule(self) -> None:
        """Take the entries, each due at once as far as this clock knows."""
        self.merge_inplace(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at = _EPOCH

    def is_due(self, entry: ScheduleEntry) -> Any:
        """Say whether an entry is due, counted from when any clock last sent it."""
        every = _every(entry)
        if time.monotonic() < self._away_until:
            return schedstate(is_due=False, next=_LOOK_AGAIN_SECONDS)
        try:
            run = ScheduledRun.objects.filter(task=entry.task).first()
            left = run.last_run_at + every - database_clock.now() if run else _NOTHING
        except Error as error:
            _database_is_away(entry, error)
            return schedstate(is_due=False, next=_LOOK_AGAIN_SECONDS)
        if _NOTHING < left <= 2 * every:
            return schedstate(is_due=False, next=left.total_seconds())
        return schedstate(is_due=True, next=every.total_seconds())  # a clock set back is due too

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send a task, unless another clock has."""
        try:
            now = database_clock.now()
            due = claim(task=str(entry.task), every=_every(entry), now=now)
        except Error as error:
            _database_is_away(entry, error)
            return
        if not due:
            return
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            # The broker is away: whoever finds it there again sends this run, not the next.
            _log.warning("clock_waits", task=entry.task, error=str(error))
            with suppress(Error):  # database away too: this run is the next one then
                give_back(task=str(entry.task), every=_every(entry), taken_at=now)
            self._look_again(entry)

    def _look_again(self, entry: ScheduleEntry) -> None:
        """Have plain beat ask for this entry again soon, and not an interval later."""
        self._away_until = time.monotonic() + _LOOK_AGAIN_SECONDS
        self.schedule[str(entry.name)].last_run_at = _EPOCH
        self._heap = None


def _every(entry: ScheduleEntry) -> timedelta:
    if not isinstance(entry.schedule, schedule):
        raise TypeError(f"{entry.task} is scheduled by something else than seconds")
    every: timedelta = entry.schedule.run_every  # type: ignore[attr-defined] # not in its stubs
    return every


def _database_is_away(entry: ScheduleEntry, error: Error) -> None:
    _log.warning("clock_waits", task=entry.task, error=type(error).__name__)
    close_old_connections()  # a broken one would fail for ever
