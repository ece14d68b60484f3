"""The outbox's own tasks: harmless to run twice."""

from collections.abc import Callable

import pytest
from celery import current_app
from django.utils import timezone
from pytest_django import Settings

from observability import heartbeat
from outbox import relay, topics
from outbox.models import OutboxMessage
from tests.outbox.conftest import Notes

Send = Callable[..., OutboxMessage]


class TestSweep:
    def test_shows_that_the_clock_runs_and_sends_what_no_relay_has(
        self, send: Send, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        sent: list[list[int]] = []
        monkeypatch.setattr(
            current_app, "send_task", lambda _, kwargs, **__: sent.append(kwargs["message_ids"])
        )
        settings.CELERY_BROKER_URL = "amqp://unused"
        row = send()
        before = timezone.now()
        for _ in range(2):
            relay.task(topics.SWEEP)()
        assert sent == [[row.pk]]
        assert heartbeat.last_run(now=before) >= before.timestamp()

    def test_leaves_the_messages_to_the_relay_that_runs_it(self, send: Send, notes: Notes) -> None:
        send()
        relay.task(topics.SWEEP)()
        assert notes == []


@pytest.mark.django_db
def test_purge_may_run_twice() -> None:
    for _ in range(2):
        relay.task(topics.PURGE)(one_day="an argument of a newer caller")
