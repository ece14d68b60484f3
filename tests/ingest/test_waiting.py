"""Waiting for certificates: who issues, what each row becomes, and when to stop."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from certificates.models import Certificate, Completion
from ingest import imports, waiting
from ingest.summary import Summary
from outbox.models import OutboxMessage
from tests.ingest.conftest import NOW, SAMPLES


class Clock:
    """A clock that moves only when somebody pauses."""

    def __init__(self) -> None:
        self.now = NOW
        self.pauses = 0

    def __call__(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses += 1
        self.now += timedelta(seconds=seconds)


def load() -> Summary:
    content = (SAMPLES / "completions-bom.csv").read_bytes()
    return imports.import_file(content=content, tenant=None, source="csv", now=NOW)


def wait(summary: Summary, clock: Clock) -> None:
    waiting.wait(summary=summary, clock=clock, pause=clock.pause)


class TestWait:
    @pytest.mark.usefixtures("issuers")
    def test_issues_in_this_process_and_leaves_the_files_to_the_relay_that_serves(self) -> None:
        summary, clock = load(), Clock()
        wait(summary, clock)
        assert (summary.issued, summary.waiting, clock.pauses) == (6, {}, 0)
        assert Certificate.objects.count() == 6
        pending = OutboxMessage.objects.pending()
        assert set(pending.values_list("task", flat=True)) == {"certificates.render"}

    @pytest.mark.usefixtures("tenants")
    def test_counts_what_has_no_design_as_held_and_says_why(self) -> None:
        summary = load()
        wait(summary, Clock())
        assert (summary.issued, summary.held, summary.refused) == (0, 6, 0)
        assert {one.code for one in summary.problems} == {"held"}
        assert "template" in summary.problems[0].reason

    @pytest.mark.usefixtures("issuers")
    def test_counts_what_cannot_be_signed_as_refused(self) -> None:
        summary = load()
        refused, line = next(iter(summary.waiting.items()))
        Completion.objects.filter(pk=refused).update(state="refused", reason="credential: bad")
        wait(summary, Clock())
        assert (summary.issued, summary.refused) == (5, 1)
        assert summary.errors() == {line: "the row cannot be signed: credential: bad"}

    @pytest.mark.usefixtures("issuers")
    def test_only_looks_where_workers_issue_and_stops_when_nothing_happens(
        self, settings: Settings
    ) -> None:
        settings.CELERY_BROKER_URL = "amqp://nobody.invalid//"
        summary, clock = load(), Clock()
        Completion.objects.filter(pk=next(iter(summary.waiting))).update(state="issued")
        wait(summary, clock)
        assert (summary.issued, summary.held) == (1, 5)
        assert {one.code for one in summary.problems} == {"not_issued_yet"}
        assert clock.now - NOW >= waiting.PATIENCE

    @pytest.mark.usefixtures("issuers")
    def test_tells_how_many_are_left(self) -> None:
        seen: list[int] = []
        summary, clock = load(), Clock()
        waiting.wait(summary=summary, clock=clock, pause=clock.pause, on_progress=seen.append)
        assert seen[-1] == 0


class TestSettle:
    @pytest.mark.usefixtures("issuers")
    def test_looks_no_further_than_where_nothing_happens_unless_told(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(waiting, "CHUNK", 1)
        summary = load()
        Completion.objects.filter(pk=list(summary.waiting)[-1]).update(state="issued")
        with django_assert_num_queries(2):
            assert waiting.settle(summary=summary, look=2) == 0
        assert waiting.settle(summary=summary, look=None) == 1
        assert (summary.issued, len(summary.waiting)) == (1, 5)

    @pytest.mark.usefixtures("issuers")
    def test_counts_everything_before_it_gives_up(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CELERY_BROKER_URL = "amqp://nobody.invalid//"
        monkeypatch.setattr(waiting, "CHUNK", 1)
        monkeypatch.setattr(waiting, "PATIENCE", timedelta(seconds=1))
        summary = load()
        Completion.objects.filter(pk=list(summary.waiting)[-1]).update(state="issued")
        wait(summary, Clock())
        assert (summary.issued, summary.held) == (1, 5)
