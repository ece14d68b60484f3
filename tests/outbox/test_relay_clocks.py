"""R6: a clock that is wrong, or was, makes a message wait for no longer than a right one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from outbox import lag, relay, tasks
from outbox.models import OutboxMessage
from tests.outbox.conftest import Notes, Send


class TestClocks:
    """R6: a clock that is wrong, or was, makes a message wait for no longer than a right one."""

    SKEWS = (timedelta(hours=1), timedelta(days=1))

    @pytest.mark.parametrize("skew", SKEWS)
    def test_what_a_host_that_is_ahead_published_is_taken_at_once(
        self, send: Send, notes: Notes, now: datetime, skew: timedelta
    ) -> None:
        send("one")
        send("other")
        behind = now - skew
        assert lag.lag_seconds(now=behind) == 0
        assert [relay.deliver(now=behind) for _ in range(2)] == [2, 0]
        assert len(notes) == 2

    @pytest.mark.parametrize("skew", SKEWS)
    def test_what_is_meant_for_later_stays_for_later(
        self, send: Send, notes: Notes, now: datetime, skew: timedelta
    ) -> None:
        send(available_at=now + skew)
        assert relay.deliver(now=now) == 0

    @pytest.mark.parametrize("skew", SKEWS)
    def test_what_was_held_before_the_clock_was_set_back_comes_back(
        self, send: Send, notes: Notes, now: datetime, skew: timedelta
    ) -> None:
        notes.failure = RuntimeError("not now")
        send()
        relay.deliver(now=now + skew)
        notes.failure = None
        assert relay.deliver(now=now) == 1
        assert OutboxMessage.objects.get().done_at == now

    def test_what_waits_after_a_failure_waits_although_clocks_differ(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        notes.failure = RuntimeError("not now")
        send()
        relay.deliver(now=now + timedelta(minutes=2))
        assert relay.deliver(now=now) == 0

    @pytest.mark.parametrize("skew", [*SKEWS, -timedelta(hours=1), -timedelta(minutes=2)])
    def test_workers_of_any_host_go_by_the_database(
        self, postgresql: None, send: Send, notes: Notes, skew: timedelta, monkeypatch: Any
    ) -> None:
        notes.failure = RuntimeError("not now")
        row, real = send(), timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: real + skew)
        tasks.run(message_ids=[row.pk])
        row.refresh_from_db()
        waits = row.available_at - real
        assert timedelta(0) < waits < timedelta(minutes=1)
