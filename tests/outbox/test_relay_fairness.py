"""No tenant waits for another: lanes, and what of each stands in the broker."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from outbox import policy, relay
from outbox.lanes import lanes
from outbox.models import OutboxMessage
from outbox.publishing import Message, publish
from tests.outbox.conftest import TASK, Notes, Send, attempt


class TestFairness:
    def test_gives_a_small_tenant_its_turn_at_once(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        with transaction.atomic():
            publish(
                [Message(TASK, {"of": "big"}, f"b{n}", tenant_id="big") for n in range(300)],
                now=now - timedelta(hours=1),
            )
        send("small", tenant_id="small")
        assert relay.deliver(now=now) + relay.deliver(now=now) <= policy.BUNDLE + 1
        assert {"key": "small"} in notes

    def test_gives_another_task_of_the_same_tenant_its_turn(
        self, send: Send, notes: Notes, now: datetime
    ) -> None:
        with transaction.atomic():
            publish(
                [Message("tests.render", {}, f"r{n}", tenant_id="a") for n in range(300)],
                now=now - timedelta(hours=1),
            )
        send("issue", tenant_id="a")
        relay.deliver(now=now)
        relay.deliver(now=now)
        assert notes == [{"key": "issue"}]

    def test_ends_a_batch_that_takes_longer_than_it_should(
        self, send: Send, notes: Notes, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [send(str(number)) for number in range(5)]
        seconds = iter(range(100))
        monkeypatch.setattr("outbox.running.time.monotonic", lambda: next(seconds))
        assert relay.deliver(now=now) == 1
        left = OutboxMessage.objects.pending().order_by("pk")
        standing = list(left.values_list("pk", "attempts", "available_at"))
        assert standing == [(row.pk, 0, row.available_at) for row in rows[1:]]
        assert relay.drain(clock=lambda: now) == 4
        assert [note["key"] for note in notes] == list("01234")

    def test_reaches_every_lane_in_time(self, notes: Notes, db: None, now: datetime) -> None:
        with transaction.atomic():
            publish(
                [Message(TASK, {"of": n}, str(n), tenant_id=f"t{n}") for n in range(100)], now=now
            )
        assert relay.drain(clock=lambda: now) == 100
        assert {note["of"] for note in notes} == set(range(100))

    def test_keeps_the_order_within_a_lane(self, notes: Notes, db: None, now: datetime) -> None:
        with transaction.atomic():
            publish([Message(TASK, {"n": n}, str(n)) for n in range(50)], now=now)
        relay.drain(clock=lambda: now)
        assert [note["n"] for note in notes] == list(range(50))


def test_lanes_lists_each_tenant_and_task_once_with_its_first_time(
    send: Send, now: datetime
) -> None:
    send("1", tenant_id="b", available_at=now + timedelta(seconds=5))
    send("2", tenant_id="b")
    send("3", tenant_id="a")
    send("4", tenant_id="a", task="tests.other")
    done = send("5", tenant_id="c")
    OutboxMessage.objects.filter(pk=done.pk).update(done_at=now)
    found = {(lane.tenant_id, lane.task): lane.first_at for lane in lanes()}
    assert found == {("a", TASK): now, ("a", "tests.other"): now, ("b", TASK): now}


class TestShares:
    def test_no_more_of_a_lane_stands_in_the_queue_than_its_window(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        for number in range(5):
            send(f"bulk-{number}", tenant_id="bulk", weight=400)
        send("lone", tenant_id="small")
        relay.deliver(now=now)
        sent = [pk for each in broker for pk in each["message_ids"]]
        keys = OutboxMessage.objects.filter(pk__in=sent).values_list("dedupe_key", flat=True)
        assert sorted(keys) == ["bulk-0", "bulk-1", "lone"]
        assert relay.deliver(now=now) == 0

    def test_what_a_worker_began_makes_room(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        for number in range(4):
            send(str(number), weight=400)
        relay.deliver(now=now)
        attempt(OutboxMessage.objects.get(pk=broker[0]["message_ids"][0]), now, lambda *_: None)
        assert relay.deliver(now=now) == 1

    def test_a_message_heavier_than_the_window_goes_alone(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        send("heavy", weight=10 * policy.WINDOW)
        send("heavy too", weight=10 * policy.WINDOW)
        assert relay.deliver(now=now) == 1

    def test_what_the_broker_lost_does_not_shut_the_lane(
        self, send: Send, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        send("lost", weight=policy.WINDOW)
        relay.deliver(now=now)
        later = now + policy.RESEND
        send("next", weight=policy.WINDOW)
        assert relay.deliver(now=later) == 1
