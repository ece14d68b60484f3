"""Messages: written with the caller's change, once a key, with the caller's context."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from structlog.contextvars import bound_contextvars

from outbox.models import OutboxMessage
from outbox.publishing import Message, publish

Send = Callable[..., OutboxMessage]


class TestPublish:
    def test_writes_what_to_run(self, send: Send, now: datetime) -> None:
        row = send(tenant_id="tenant0001")
        assert (row.task, row.payload, row.tenant_id) == (
            "tests.note",
            {"key": "one"},
            "tenant0001",
        )
        assert (row.created_at, row.available_at) == (now, now)
        assert (row.attempts, row.done_at, row.dead_at) == (0, None, None)

    def test_leaves_a_message_that_is_written_already_alone(self, send: Send) -> None:
        first = send()
        assert send(tenant_id="another001").pk == first.pk
        assert OutboxMessage.objects.get().tenant_id == ""

    def test_writes_the_new_ones_of_a_batch_that_repeats_an_old_one(
        self, send: Send, now: datetime
    ) -> None:
        send("1")
        with transaction.atomic():
            publish([Message("t", {}, dedupe_key=str(number)) for number in range(1_200)], now=now)
        assert OutboxMessage.objects.count() == 1_200

    def test_holds_a_message_for_later(self, send: Send, now: datetime) -> None:
        later = now + timedelta(days=1)
        assert send(available_at=later).available_at == later

    def test_notes_the_request(self, send: Send) -> None:
        with bound_contextvars(request_id="r-1"):
            assert send().headers == {"request_id": "r-1"}
        assert send("two").headers == {}

    @pytest.mark.django_db
    def test_falls_with_the_callers_transaction(self, now: datetime) -> None:
        with transaction.atomic():
            publish([Message("t", {}, dedupe_key="k")], now=now)
            transaction.set_rollback(True)
        assert not OutboxMessage.objects.exists()

    def test_of_nothing_writes_nothing(self, db: None, now: datetime) -> None:
        publish([], now=now)
        assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_needs_a_transaction(now: datetime) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        publish([Message("t", {}, dedupe_key="k")], now=now)
