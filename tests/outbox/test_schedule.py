"""What the relay runs where there is no beat."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app

from outbox import relay
from outbox.schedule import Schedule

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class TestDue:
    def test_names_everything_at_the_start_and_each_task_again_after_its_time(self) -> None:
        schedule = Schedule(
            {"a": {"task": "a.go", "schedule": 60.0}, "b": {"task": "b.go", "schedule": 3600.0}}
        )
        assert schedule.due(now=START) == ["a.go", "b.go"]
        assert schedule.due(now=START + timedelta(seconds=59)) == []
        assert schedule.due(now=START + timedelta(seconds=61)) == ["a.go"]
        assert schedule.due(now=START + timedelta(hours=1)) == ["a.go", "b.go"]

    def test_names_a_task_once_after_a_long_sleep(self) -> None:
        schedule = Schedule({"a": {"task": "a.go", "schedule": 60.0}})
        schedule.due(now=START)
        assert schedule.due(now=START + timedelta(days=1)) == ["a.go"]
        assert schedule.due(now=START + timedelta(days=1, seconds=1)) == []

    @pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
    def test_names_a_task_again_in_its_time_after_the_clock_was_set_back(
        self, back: timedelta
    ) -> None:
        schedule = Schedule({"a": {"task": "a.go", "schedule": 60.0}})
        schedule.due(now=START)
        assert schedule.due(now=START - back) == ["a.go"]
        assert schedule.due(now=START - back + timedelta(seconds=1)) == []
        assert schedule.due(now=START - back + timedelta(seconds=60)) == ["a.go"]


def test_every_entry_of_the_beat_names_a_task_that_exists() -> None:
    named = [entry["task"] for entry in current_app.conf.beat_schedule.values()]
    assert named == [relay.task(name).name for name in named]
    assert len(named) >= 2
