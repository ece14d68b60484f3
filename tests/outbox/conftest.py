"""A task that notes its calls, and messages for it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from outbox import running
from outbox.models import OutboxMessage
from outbox.publishing import Message, publish

TASK = "tests.note"

Send = Callable[..., OutboxMessage]


class Notes(list[dict[str, Any]]):
    """What the task was called with; each call then does `then` and raises `failure`."""

    then: Callable[[], None] = staticmethod(lambda: None)
    failure: Exception | None = None


@pytest.fixture
def notes() -> Iterator[Notes]:
    """Register the task and return its notes."""
    calls = Notes()

    @current_app.task(name=TASK)
    def note(**arguments: Any) -> None:
        calls.append(arguments)
        calls.then()
        if calls.failure:
            raise calls.failure

    note.name  # noqa: B018 - the proxy registers the task when it is first touched
    yield calls
    current_app.tasks.pop(TASK)


@pytest.fixture
def send(db: None, now: datetime) -> Callable[..., OutboxMessage]:
    """Publish one message in a transaction of its own and return its row."""

    def send_one(key: str = "one", task: str = TASK, **fields: Any) -> OutboxMessage:
        with transaction.atomic():
            publish([Message(task, {"key": key}, dedupe_key=key, **fields)], now=now)
        row: OutboxMessage = OutboxMessage.objects.get(dedupe_key=key)
        return row

    return send_one


@pytest.fixture
def broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for a broker: note what it was sent."""
    settings.CELERY_BROKER_URL = "amqp://unused"
    sent: list[dict[str, Any]] = []

    def send_task(name: str, *, kwargs: dict[str, Any], queue: Any, **_: Any) -> None:
        sent.append({"name": name, **kwargs, "queue": queue.name})

    monkeypatch.setattr(current_app, "send_task", send_task)
    return sent


def attempt(row: OutboxMessage, now: datetime, call: Callable[..., object]) -> None:
    """Run a message's task once, as a worker would."""
    running.run([row], begun=running.begin([row], now=now), call=call, now=now)
