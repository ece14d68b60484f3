"""The clock: each scheduled task is sent in time, by one of however many run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from django.db import OperationalError
from django.utils import timezone

from observability import database_clock
from outbox import clock
from outbox.clock import Clock, claim
from outbox.models import ScheduledRun

MINUTE = timedelta(minutes=1)
TASK = "tests.again"


@pytest.mark.django_db
class TestClaim:
    def test_is_given_to_one_of_two(self, now: datetime) -> None:
        assert [claim(task=TASK, every=MINUTE, now=now) for _ in range(2)] == [True, False]
        moment = now + timedelta(seconds=1)
        assert not claim(task=TASK, every=MINUTE, now=moment)

    def test_is_given_again_when_the_time_is_over(self, now: datetime) -> None:
        claim(task=TASK, every=MINUTE, now=now)
        for step in range(1, 4):
            assert claim(task=TASK, every=MINUTE, now=now + step * MINUTE)

    def test_keeps_tasks_apart(self, now: datetime) -> None:
        assert claim(task=TASK, every=MINUTE, now=now)
        assert claim(task="tests.other", every=MINUTE, now=now)

    @pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
    def test_survives_a_clock_that_was_set_back(self, now: datetime, back: timedelta) -> None:
        claim(task=TASK, every=MINUTE, now=now)
        assert claim(task=TASK, every=MINUTE, now=now - back)
        assert not claim(task=TASK, every=MINUTE, now=now - back)


@pytest.mark.django_db
class TestClock:
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Note what plain beat would hand to the broker."""
        sent: list[str] = []

        def note(_: Scheduler, entry: ScheduleEntry, **__: Any) -> None:
            sent.append(str(entry.task))

        monkeypatch.setattr(Scheduler, "apply_async", note)
        return sent

    @pytest.fixture
    def app(self) -> Celery:
        app = Celery("tests", broker="memory://", set_as_current=False)
        app.conf.update(
            beat_schedule={TASK: {"task": TASK, "schedule": 60.0}}, timezone="UTC", enable_utc=True
        )
        return app

    def test_sends_at_once_what_was_never_sent(self, app: Celery, sent: list[str]) -> None:
        Clock(app).tick()
        assert sent == [TASK]

    def test_does_not_send_again_because_it_was_started_again(
        self, app: Celery, sent: list[str]
    ) -> None:
        for _ in range(2):
            Clock(app).tick()
        assert sent == [TASK]

    def test_sends_once_beside_another(self, app: Celery, sent: list[str]) -> None:
        clocks = [Clock(app), Clock(app)]
        for each in clocks:
            each.tick()
        assert sent == [TASK]

    def test_sends_what_was_due_while_none_ran(self, app: Celery, sent: list[str]) -> None:
        ScheduledRun.objects.create(task=TASK, last_run_at=datetime(2020, 1, 1, tzinfo=UTC))
        Clock(app).tick()
        assert sent == [TASK]

    def test_sends_after_its_host_was_set_back_by_a_day(self, app: Celery, sent: list[str]) -> None:
        tomorrow = timezone.now() + timedelta(days=1)
        ScheduledRun.objects.create(task=TASK, last_run_at=tomorrow)
        Clock(app).tick()
        assert sent == [TASK]

    def test_keeps_the_time_between_two_runs_across_a_restart(
        self, app: Celery, sent: list[str]
    ) -> None:
        last = timezone.now() - timedelta(seconds=40)
        ScheduledRun.objects.create(task=TASK, last_run_at=last)
        beat = Clock(app)
        beat.tick()
        assert sent == []
        assert 15 < beat.tick() < 21

    @pytest.mark.parametrize("skew", [timedelta(hours=1), -timedelta(hours=1), -timedelta(days=1)])
    def test_goes_by_the_database_and_not_by_its_host(
        self, app: Celery, sent: list[str], skew: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two hosts whose clocks differ would outdo each other without a pause."""
        here = timezone.now()
        ScheduledRun.objects.create(task=TASK, last_run_at=here - timedelta(seconds=40))
        beat = Clock(app)
        monkeypatch.setattr(database_clock, "now", lambda: here)
        monkeypatch.setattr(app, "now", lambda: here + skew)
        beat.tick()
        assert sent == []
        assert beat.tick() == pytest.approx(20, abs=1)

    def test_sends_as_soon_as_the_broker_is_back(
        self, app: Celery, sent: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        beat = Clock(app)

        def away(*_: Any, **__: Any) -> None:
            raise SchedulingError("connection refused")

        with monkeypatch.context() as patch:
            patch.setattr(Scheduler, "apply_async", away)
            beat.tick()
        assert 4 < beat.tick() < 6  # no more than one look in a while
        assert sent == []
        monkeypatch.setattr(beat, "_away_until", 0.0)
        beat._heap = None  # … and the while is over
        beat.tick()
        assert sent == [TASK]

    def test_waits_while_the_database_is_away(
        self, app: Celery, sent: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        beat = Clock(app)

        def away(*_: Any, **__: Any) -> None:
            raise OperationalError

        with monkeypatch.context() as patch:
            patch.setattr(clock, "claim", away)
            beat.tick()
        with monkeypatch.context() as patch:
            patch.setattr(ScheduledRun.objects, "filter", away)
            assert not Clock(app).is_due(next(iter(beat.schedule.values()))).is_due
        assert sent == []
