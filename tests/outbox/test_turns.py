"""Turns: time is shared, so what is quick never waits for what is slow."""

from datetime import UTC, datetime

import pytest

from outbox import turns
from outbox.lanes import Lane
from outbox.turns import Turns

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RENDER, ISSUE = Lane("a", "render", NOW), Lane("a", "issue", NOW)


class Clock:
    """A clock that only work moves."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


def work(shared: Turns, clock: Clock, lanes: list[Lane], seconds: dict[str, float]) -> str:
    (lane,) = shared.next_of(lanes)
    with shared.timed(lane):
        clock.now += seconds[lane.task]
    return lane.task


class TestTurns:
    def test_gives_the_quick_task_many_turns_for_one_of_the_slow(self, clock: Clock) -> None:
        shared = Turns()
        cost = {"render": 1.0, "issue": 0.01}
        done = [work(shared, clock, [RENDER, ISSUE], cost) for _ in range(300)]
        assert 80 <= done.count("issue") / done.count("render") <= 120

    def test_owes_a_lane_nothing_for_the_time_it_was_idle(self, clock: Clock) -> None:
        shared = Turns()
        for _ in range(100):
            work(shared, clock, [RENDER], {"render": 1.0})
        cost = {"render": 1.0, "issue": 1.0}
        done = [work(shared, clock, [RENDER, ISSUE], cost) for _ in range(10)]
        assert 4 <= done.count("render") <= 6

    def test_of_nothing_is_nobodys(self) -> None:
        assert Turns().next_of([]) == []
