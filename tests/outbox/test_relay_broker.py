"""The relay and the broker: what goes together, and what holds while a server is away."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import OperationalError as DatabaseAway
from django.db import connection
from kombu.exceptions import OperationalError
from structlog.contextvars import get_contextvars

from outbox import lag, policy, relay, running
from outbox.lanes import lanes
from outbox.models import OutboxMessage
from tests.outbox.conftest import Notes, Send, attempt


def fail_in_a_worker(row: OutboxMessage, now: datetime) -> None:
    """Try a message's task on a connection of this thread's own."""
    attempt(row, now, lambda *_: 1 / 0)
    connection.close()


class TestDeliverThroughABroker:
    def test_sends_ids_by_task_name_and_leaves_the_message_pending(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        row = send()
        assert relay.deliver(now=now) == 1
        assert broker == [{"name": "outbox.run", "message_ids": [row.pk], "queue": "issue"}]
        row.refresh_from_db()
        assert (row.dispatched_at, row.done_at, row.attempts) == (now, None, 0)
        assert row.available_at == now + policy.RESEND

    def test_sends_again_what_no_worker_ever_ran(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        send()
        relay.deliver(now=now)
        assert relay.deliver(now=now + policy.RESEND / 2) == 0
        assert relay.deliver(now=now + policy.RESEND) == 1
        assert len(broker) == 2

    @pytest.mark.django_db(transaction=True)
    def test_keeps_what_a_quick_worker_wrote_meanwhile(
        self,
        postgresql: None,
        send: Send,
        broker: list[dict[str, Any]],
        now: datetime,
        monkeypatch: Any,
    ) -> None:
        row = send()
        worker = threading.Thread(target=fail_in_a_worker, args=[row, now])
        monkeypatch.setattr(current_app, "send_task", lambda *_, **__: worker.start())
        relay.deliver(now=now)
        worker.join()
        row.refresh_from_db()
        assert (row.attempts, row.dispatched_at) == (1, now)
        assert row.available_at == now + policy.wait_after(attempts=1)

    def test_marks_what_was_sent_before_something_broke(
        self, send: Send, broker: list[dict[str, Any]], now: datetime, monkeypatch: Any
    ) -> None:
        for number in range(2):
            send(str(number), weight=policy.BUNDLE)
        noted = current_app.send_task

        def broken_after_one(name: str, **options: Any) -> None:
            if broker:
                raise ZeroDivisionError
            noted(name, **options)

        monkeypatch.setattr(current_app, "send_task", broken_after_one)
        with pytest.raises(ZeroDivisionError):
            relay.deliver(now=now)
        assert OutboxMessage.objects.filter(dispatched_at=now).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_relays_send_different_messages(
        self,
        postgresql: None,
        send: Send,
        broker: list[dict[str, Any]],
        now: datetime,
        monkeypatch: Any,
    ) -> None:
        for number in range(2):
            send(str(number))
        taken: list[int] = []

        def another_relay(*_: Any, **__: Any) -> None:
            def look() -> None:
                taken.append(relay.deliver(now=now))
                connection.close()

            other = threading.Thread(target=look)
            other.start()
            other.join()

        monkeypatch.setattr(current_app, "send_task", another_relay)
        assert relay.deliver(now=now) == 2
        assert taken == [0]

    def test_blames_no_message_while_the_broker_is_away(
        self, send: Send, broker: list[dict[str, Any]], now: datetime, monkeypatch: Any
    ) -> None:
        for number in range(3):
            send(str(number), weight=policy.BUNDLE)
        noted = current_app.send_task

        def lost_after_one(name: str, **options: Any) -> None:
            if broker:
                raise OperationalError("connection refused")
            noted(name, **options)

        monkeypatch.setattr(current_app, "send_task", lost_after_one)
        later = now + timedelta(seconds=60)
        with pytest.raises(relay.BrokerAway):
            relay.deliver(now=later)
        unsent = OutboxMessage.objects.filter(dispatched_at=None)
        assert list(unsent.values_list("attempts", flat=True)) == [0, 0, 0]
        assert lag.lag_seconds(now=later) == 60
        monkeypatch.setattr(current_app, "send_task", noted)
        assert relay.deliver(now=later) == 3

    def test_sends_again_at_once_what_stood_in_the_queues_of_one_that_went_away(
        self, send: Send, broker: list[dict[str, Any]], now: datetime, monkeypatch: Any
    ) -> None:
        begun, waiting = send("begun"), send("waiting")
        relay.deliver(now=now)
        hold = now + timedelta(seconds=1)
        OutboxMessage.objects.filter(pk=begun.pk).update(attempts=1, available_at=hold)
        noted = current_app.send_task

        def refuse(*_: Any, **__: Any) -> None:
            raise OperationalError("connection refused")

        send("next")
        monkeypatch.setattr(current_app, "send_task", refuse)
        with pytest.raises(relay.BrokerAway):
            relay.deliver(now=now)
        monkeypatch.setattr(current_app, "send_task", noted)
        broker.clear()
        relay.deliver(now=now)
        again = {pk for each in broker for pk in each["message_ids"]}
        assert waiting.pk in again
        assert begun.pk not in again
        assert len(again) == 2


def run(*message_ids: int, now: datetime) -> None:
    def pause() -> None:
        raise AssertionError("the database is there")

    relay.run(message_ids=message_ids, clock=lambda: now, pause=pause)


class TestBundles:
    def test_carry_light_messages_together_and_heavy_ones_alone(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        light = [send(f"light-{n}", weight=40).pk for n in range(3)]
        heavy = [send(f"heavy-{n}", weight=400, task="certificates.render").pk for n in range(2)]
        assert relay.deliver(now=now) == 5
        assert sorted((each["queue"], each["message_ids"]) for each in broker) == [
            ("issue", light[:2]),
            ("issue", light[2:]),
            ("render", heavy[:1]),
            ("render", heavy[1:]),
        ]

    def test_leave_what_was_tried_before_alone(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        rows = [send(f"{n}").pk for n in range(4)]
        OutboxMessage.objects.filter(pk=rows[1]).update(attempts=1)
        relay.deliver(now=now)
        assert [each["message_ids"] for each in broker] == [rows[:1], rows[1:2], rows[2:]]

    def test_run_one_by_one_whatever_one_of_them_raises(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        ids = [send(key).pk for key in ("first", "second")]
        unknown = send("unknown", task="tests.nobody_knows").pk
        run(unknown, *ids, 0, now=now)
        assert notes == [{"key": "first"}, {"key": "second"}]
        run(*ids, now=now)
        assert len(notes) == 2
        assert OutboxMessage.objects.get(pk=unknown).attempts == 1

    def test_hand_nothing_back_that_is_sent_again_while_it_is_begun_again(
        self, send: Send, notes: Notes, now: datetime, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(policy, "BUNDLE", 0)  # each turn is the last of its bundle
        # As a worker sees them that is quicker than the relay's mark: due, and not dispatched.
        rows = [send(str(number)) for number in range(3)]
        begin, due = running.begin, []

        def watched(*arguments: Any, **options: Any) -> dict[int, int]:
            due.append([lane.is_due(now=now) for lane in lanes()])
            return begin(*arguments, **options)

        monkeypatch.setattr(running, "begin", watched)
        run(*[row.pk for row in rows], now=now)
        assert due == [[True], [False], [False]]
        assert [call["key"] for call in notes] == ["0", "1", "2"]
        assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}

    def test_continue_each_message_s_own_request(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        seen: list[str] = []
        ids = [send(key).pk for key in ("first", "second")]
        for pk in ids:
            OutboxMessage.objects.filter(pk=pk).update(headers={"request_id": f"r-{pk}"})
        notes.then = lambda: seen.append(get_contextvars()["request_id"])
        run(*ids, now=now)
        assert seen == [f"r-{pk}" for pk in ids]


@pytest.mark.django_db(transaction=True)  # its connection is closed, as a worker's is
class TestWhileTheDatabaseIsAway:
    @pytest.mark.parametrize("word", ["SELECT", "UPDATE"])
    def test_a_worker_keeps_what_it_has_and_waits(
        self, send: Send, notes: Notes, now: datetime, word: str
    ) -> None:
        ids = [send(key).pk for key in ("first", "second")]
        pauses: list[int] = []

        def away(call: Any, sql: str, *arguments: Any) -> Any:
            assert len(pauses) < 9
            if len(pauses) < 2 and sql.lstrip().startswith(word):
                raise DatabaseAway("server closed the connection unexpectedly")
            return call(sql, *arguments)

        with connection.execute_wrapper(away):
            relay.run(message_ids=ids, clock=lambda: now, pause=lambda: pauses.append(1))

        assert notes == [{"key": "first"}, {"key": "second"}]
        assert len(pauses) == 2
        assert set(OutboxMessage.objects.values_list("attempts", "done_at")) == {(1, now)}

    def test_a_task_that_failed_for_it_is_tried_later_not_again_at_once(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        notes.failure = DatabaseAway("server closed the connection unexpectedly")
        run(send().pk, now=now)

        row = OutboxMessage.objects.get()
        assert len(notes) == 1
        assert (row.attempts, row.available_at) == (1, now + policy.wait_after(attempts=1))
