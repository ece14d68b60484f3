"""Messages of one task run in one call where the task can, and each alone where that fails."""

from datetime import datetime
from typing import Any

import pytest
from celery import current_app
from structlog.contextvars import get_contextvars

from outbox import policy, relay, together
from outbox.models import OutboxMessage
from tests.outbox.conftest import TASK, Send


class Calls(list[list[str]]):
    """The ids of each call, and what log lines carried meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []


@pytest.fixture
def calls(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Register a task that notes what it is called with; it refuses a list with "poison"."""
    made = Calls()

    @current_app.task(name=TASK)
    def note(*, ids: list[str]) -> None:
        made.append(ids)
        made.seen.append(get_contextvars())
        if "poison" in ids:
            raise ValueError("poison")

    note.name  # noqa: B018 - the proxy registers the task when it is first touched
    monkeypatch.setattr(together, "_lists", {TASK: "ids"})
    yield made
    current_app.tasks.pop(TASK)


def send_ids(send: Send, *ids: str, **fields: Any) -> None:
    for one in ids:
        row = send(one, **fields)
        OutboxMessage.objects.filter(pk=row.pk).update(payload={"ids": [one]})


def drain(now: datetime) -> None:
    relay.drain(clock=lambda: now)


class TestTogether:
    def test_runs_in_one_call(self, send: Send, calls: Calls, now: datetime) -> None:
        send_ids(send, "a", "b", "c")
        drain(now)
        assert calls == [["a", "b", "c"]]
        assert not OutboxMessage.objects.pending().exists()
        assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}

    def test_runs_no_more_than_some(self, send: Send, calls: Calls, now: datetime) -> None:
        send_ids(send, *(f"{number:02}" for number in range(together.MOST + 1)))
        drain(now)
        assert [len(ids) for ids in calls] == [together.MOST, 1]

    def test_one_that_fails_fails_alone(self, send: Send, calls: Calls, now: datetime) -> None:
        send_ids(send, "a", "poison", "b")
        drain(now)
        assert calls == [["a", "poison", "b"], ["a"], ["poison"], ["b"]]
        (left,) = OutboxMessage.objects.pending()
        assert (left.payload, left.attempts) == ({"ids": ["poison"]}, 1)
        assert left.last_error == "ValueError: poison"

    def test_what_was_tried_before_goes_alone(
        self, send: Send, calls: Calls, now: datetime
    ) -> None:
        send_ids(send, "a", "b", "c", "d")
        OutboxMessage.objects.filter(dedupe_key="c").update(attempts=1)
        drain(now)
        assert sorted(calls) == [["a", "b"], ["c"], ["d"]]

    def test_tasks_that_cannot_run_one_by_one(
        self, send: Send, calls: Calls, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(together, "_lists", {})
        send_ids(send, "a", "b")
        drain(now)
        assert calls == [["a"], ["b"]]

    def test_runs_through_a_broker_too(
        self, send: Send, calls: Calls, broker: list[dict[str, Any]], now: datetime
    ) -> None:
        send_ids(send, "a", "b", weight=policy.BUNDLE // 2)
        drain(now)
        for sent in broker:
            relay.run(message_ids=sent["message_ids"], clock=lambda: now, pause=lambda: None)
        assert calls == [["a", "b"]]


class TestWhoAsked:
    """The log leads back to each request."""

    def test_every_request_is_named(self, send: Send, calls: Calls, now: datetime) -> None:
        send_ids(send, "a", "b", "c")
        for key, request in (("a", "r-1"), ("b", "r-2"), ("c", "r-1")):
            OutboxMessage.objects.filter(dedupe_key=key).update(headers={"request_id": request})
        drain(now)
        (seen,) = calls.seen
        assert ("request_id" in seen, seen["request_ids"]) == (False, ["r-1", "r-2"])

    def test_one_request_is_named_as_ever(self, send: Send, calls: Calls, now: datetime) -> None:
        send_ids(send, "a", "b")
        OutboxMessage.objects.update(headers={"request_id": "r-1"})
        drain(now)
        (seen,) = calls.seen
        assert (seen["request_id"], "request_ids" in seen) == ("r-1", False)
