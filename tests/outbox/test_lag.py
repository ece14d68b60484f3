"""What operators watch."""

from collections.abc import Callable
from datetime import datetime, timedelta

from outbox import lag, relay
from outbox.models import OutboxMessage
from tests.outbox.conftest import Notes

Send = Callable[..., OutboxMessage]


class TestLagSeconds:
    def test_is_zero_when_nothing_waits(self, db: None, now: datetime) -> None:
        assert lag.lag_seconds(now=now) == 0

    def test_is_the_age_of_the_oldest_due_message(self, send: Send, now: datetime) -> None:
        send("old", tenant_id="a")
        send("later", tenant_id="b", available_at=now + timedelta(seconds=30))
        assert lag.lag_seconds(now=now + timedelta(seconds=45)) == 45

    def test_leaves_out_what_is_not_due_yet_and_is_never_negative(
        self, send: Send, now: datetime
    ) -> None:
        send(available_at=now + timedelta(days=7))
        assert lag.lag_seconds(now=now) == 0

    def test_leaves_out_what_is_done_or_dead(self, send: Send, notes: Notes, now: datetime) -> None:
        send("done")
        relay.drain(clock=lambda: now)
        send("dead")
        OutboxMessage.objects.filter(dedupe_key="dead").update(dead_at=now)
        assert lag.lag_seconds(now=now + timedelta(hours=1)) == 0


def test_dead_letters_counts_what_was_given_up(send: Send, now: datetime) -> None:
    send("a")
    OutboxMessage.objects.filter(pk=send("b").pk).update(dead_at=now)
    assert lag.dead_letters(now=now) == 1
