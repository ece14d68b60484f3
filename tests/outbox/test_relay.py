"""The relay: every message runs, none twice without need, no tenant waits for another."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import django.db
import pytest
from django.db import transaction
from structlog.contextvars import get_contextvars

from outbox import policy, relay, resending, running
from outbox.models import OutboxMessage
from tests.outbox.conftest import TASK, Notes, Send, attempt


class TestDeliverInProcess:
    def test_runs_the_task_and_marks_the_message_done(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        row = send()
        assert relay.deliver(now=now) == 1
        assert notes == [{"key": "one"}]
        row.refresh_from_db()
        assert (row.done_at, row.dispatched_at, row.attempts) == (now, now, 1)
        assert relay.deliver(now=now + timedelta(days=1)) == 0

    def test_leaves_other_tasks_to_the_relay_when_told(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        send("mine")
        send("other", task="tests.other")
        assert relay.deliver(now=now, only=TASK) == 1
        assert notes == [{"key": "mine"}]
        assert OutboxMessage.objects.get(dedupe_key="other").attempts == 0

    def test_waits_for_what_is_not_due(self, send: Send, notes: Notes, now: datetime) -> None:
        send(available_at=now + timedelta(seconds=1))
        assert relay.deliver(now=now) == 0
        assert relay.deliver(now=now + timedelta(seconds=1)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_runs_the_task_outside_any_transaction(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        atomic: list[bool] = []
        send()
        notes.then = lambda: atomic.append(transaction.get_connection().in_atomic_block)
        relay.deliver(now=now)
        assert atomic == [False]

    def test_continues_the_request_and_counts_the_attempt(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        seen: list[dict[str, Any]] = []
        OutboxMessage.objects.filter(pk=send().pk).update(headers={"request_id": "r-1"})
        notes.then = lambda: seen.append(get_contextvars())
        relay.deliver(now=now)
        assert seen == [{"request_id": "r-1", "attempt": 1}]
        assert "request_id" not in get_contextvars()


class TestAFailingTask:
    def test_rests_longer_each_time_and_is_given_up_after_eight_attempts(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        notes.failure = RuntimeError("no disk for ruth@example.org")
        row = send()
        rests = []
        for number in range(1, policy.MAX_ATTEMPTS + 1):
            assert relay.deliver(now=now) == 1
            row.refresh_from_db()
            assert row.attempts == number
            rests.append((row.available_at - now).total_seconds())
            now = row.available_at
        assert rests == [2, 4, 8, 16, 32, 64, 128, 256]
        assert row.dead_at is not None
        assert row.last_error == "RuntimeError: no disk for [e-mail]"
        assert relay.deliver(now=now + timedelta(days=1)) == 0
        assert len(notes) == policy.MAX_ATTEMPTS

    @pytest.mark.parametrize("is_full", [False, True])
    def test_that_waits_for_a_disk_is_never_given_up(
        self, send: Send, notes: Notes, now: datetime, *, is_full: bool
    ) -> None:
        notes.failure = running.TryLater("no room")
        if is_full:
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorname = "SQLITE_FULL"
            notes.failure = django.db.OperationalError("database or disk is full")
            notes.failure.__cause__ = full
        row = send()
        rests = []
        for _ in range(policy.MAX_ATTEMPTS + 2):
            assert relay.deliver(now=now) == 1
            row.refresh_from_db()
            rests.append((row.available_at - now).total_seconds())
            now = row.available_at
        assert rests == [2, 4, 8, 16, 32, *[64] * 5]
        assert (row.dead_at, row.attempts) == (None, policy.MOST_COUNTED)
        notes.failure = None
        assert relay.deliver(now=now) == 1
        row.refresh_from_db()
        assert row.done_at == now

    def test_holds_up_no_other(self, send: Send, notes: Notes, now: datetime) -> None:
        send("unknown", task="tests.nobody_knows")
        send("good")
        assert relay.drain(clock=lambda: now) == 2
        assert notes == [{"key": "good"}]
        unknown = OutboxMessage.objects.get(dedupe_key="unknown")
        assert unknown.attempts == 1
        assert unknown.last_error.startswith("NotRegistered")

    def test_forgets_its_error_when_it_succeeds(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        notes.failure = RuntimeError("once")
        row = send()
        relay.deliver(now=now)
        notes.failure = None
        relay.deliver(now=now + timedelta(seconds=2))
        row.refresh_from_db()
        assert (row.last_error, row.attempts) == ("", 2)
        assert row.done_at == now + timedelta(seconds=2)


class TestSendAgain:
    def test_runs_what_was_given_up_within_the_request_that_asked_for_it(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        seen: list[dict[str, Any]] = []
        row = send()
        given_up = {"dead_at": now, "attempts": policy.MAX_ATTEMPTS, "last_error": "no disk"}
        OutboxMessage.objects.filter(pk=row.pk).update(headers={"request_id": "r-1"}, **given_up)
        assert relay.deliver(now=now) == 0
        assert resending.send_again(message_ids=[row.pk], now=now) == 1
        notes.then = lambda: seen.append(get_contextvars())
        assert relay.deliver(now=now) == 1
        assert seen == [{"request_id": "r-1", "attempt": 1}]
        row.refresh_from_db()
        assert (row.done_at, row.dead_at, row.last_error) == (now, None, "")


class TestARelayThatWasKilled:
    def test_leaves_messages_that_come_back_after_the_lease(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        running.begin([send()], now=now)
        assert relay.deliver(now=now + policy.LEASE / 2) == 0
        assert relay.deliver(now=now + policy.LEASE) == 1
        assert notes == [{"key": "one"}]

    def test_by_its_task_time_and_again_gives_the_task_up(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        row = send()
        for _ in range(policy.MAX_ATTEMPTS):
            running.begin([row], now=now)  # … and here the process dies
            now += policy.LEASE
        assert relay.deliver(now=now) == 1
        row.refresh_from_db()
        assert row.dead_at == now
        assert row.last_error == "Each process that ran it died."
        assert notes == []

    def test_by_one_task_of_a_batch_gives_only_that_one_up(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        rows = [send(str(number)) for number in range(5)]
        running.begin(rows, now=now)  # … and here the process dies
        now += policy.LEASE
        assert [relay.deliver(now=now) for _ in rows] == [1] * 5
        assert len(notes) == 5


class TestRun:
    def test_does_nothing_for_a_message_that_is_done(self, send: Send, now: datetime) -> None:
        row = send()
        calls: list[OutboxMessage] = []
        for _ in range(2):
            attempt(row, now, lambda messages, _: calls.extend(messages))
        row.refresh_from_db()
        assert (row.attempts, calls) == (1, [row])

    def test_counts_as_done_even_when_given_up_meanwhile(self, send: Send, now: datetime) -> None:
        row = send()
        attempt(row, now, lambda *_: OutboxMessage.objects.filter(pk=row.pk).update(dead_at=now))
        row.refresh_from_db()
        assert (row.done_at, row.dead_at) == (now, None)

    def test_settles_what_it_did_when_it_is_told_to_end(self, send: Send, now: datetime) -> None:
        rows = [send(key) for key in ("first", "second", "third")]

        def end_at_the_second(messages: Sequence[OutboxMessage], _: int) -> None:
            if messages == rows[1:2]:
                raise SystemExit

        with pytest.raises(SystemExit):
            running.run(rows, begun=running.begin(rows, now=now), call=end_at_the_second, now=now)
        for row in rows:
            row.refresh_from_db()
        assert [row.done_at for row in rows] == [now, None, None]
        assert rows[2].available_at == now
