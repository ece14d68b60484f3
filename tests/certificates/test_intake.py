"""Completions in: once per event id for ever, one award at a time, nothing stored half."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from certificates import intake, topics
from certificates.completion import ReportedCompletion
from certificates.intake import Outcome, Receipt
from certificates.models import Completion, CourseVersion, Recipient
from outbox.models import OutboxMessage
from tenants.models import Tenant
from tests.factories.rows import (
    make_course,
    make_tenant,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPORT = ReportedCompletion(
    event_id="e1",
    recipient_id="r1",
    recipient_name="Ana Lopes",
    course_version_id="3",
    completed_at=datetime(2026, 2, 11, 9, 1, tzinfo=UTC),
)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant(slug="harbour", name="Harbour")


@pytest.fixture
def course(tenant: Tenant) -> CourseVersion:
    return make_course(tenant)


def accept(tenant: Tenant, *reports: ReportedCompletion) -> list[Receipt]:
    return intake.accept(tenant=tenant, reports=reports, source="tests", now=NOW)


def outcomes(receipts: list[Receipt]) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]


@pytest.mark.usefixtures("course")
class TestAccept:
    def test_stores_a_row_with_its_certificate_named_and_asks_to_issue_it(
        self, tenant: Tenant
    ) -> None:
        (receipt,) = accept(tenant, REPORT)
        row = Completion.objects.get()
        assert receipt.outcome is Outcome.ACCEPTED
        assert receipt.completion == row
        assert (len(row.token), row.state) == (28, Completion.State.ACCEPTED)
        message = OutboxMessage.objects.get()
        assert message.task == topics.ISSUE
        assert message.payload == {"completion_ids": [str(row.pk)]}

    def test_keeps_imports_and_backfill_out_of_the_way_of_single_ones(self, tenant: Tenant) -> None:
        def one(name: str, **changes: Any) -> ReportedCompletion:
            return replace(REPORT, event_id=name, recipient_id=name, **changes)

        accept(tenant, one("new"), one("old", is_backfill=True))
        accept(tenant, *(one(f"many-{n}") for n in range(101)))
        intake.accept(tenant=tenant, reports=[one("row")], source="csv", now=NOW, bulk=True)
        tasks = {
            Completion.objects.get(pk=message.payload["completion_ids"][0]).event_id: message.task
            for message in OutboxMessage.objects.all()
        }
        assert tasks.pop("new") == topics.ISSUE
        assert tasks.keys() >= {"old", "row"}
        assert set(tasks.values()) == {topics.ISSUE_BULK}

    def test_answers_the_same_event_with_the_row_it_made(self, tenant: Tenant) -> None:
        (first,) = accept(tenant, REPORT)
        (second,) = accept(tenant, REPORT)
        assert second.outcome is Outcome.DUPLICATE
        assert second.completion == first.completion
        assert OutboxMessage.objects.count() == 1

    def test_compares_values_and_not_how_they_were_written(self, tenant: Tenant) -> None:
        accept(tenant, REPORT)
        elsewhere = REPORT.completed_at.astimezone(
            datetime.fromisoformat("2026-01-01T00:00+05:45").tzinfo
        )
        (receipt,) = accept(tenant, replace(REPORT, completed_at=elsewhere))
        assert receipt.outcome is Outcome.DUPLICATE

    @pytest.mark.parametrize(
        "other",
        [
            {"recipient_name": "Ana Lopez"},
            {"recipient_id": "r2"},
            {"grade": "80"},
            {"language": "pt"},
            {"recipient_email": "ana@example.org"},
            {"details": {"result": {"score": 1}}},
        ],
    )
    def test_lets_the_first_report_stand_against_other_content(
        self, tenant: Tenant, other: dict[str, Any]
    ) -> None:
        accept(tenant, REPORT)
        (receipt,) = accept(tenant, replace(REPORT, **other))
        assert receipt.outcome is Outcome.CONFLICT
        assert [problem.code for problem in receipt.problems] == ["duplicate_conflict"]
        assert Completion.objects.get().recipient_name == "Ana Lopes"

    def test_keeps_nothing_of_a_report_it_refuses(self, tenant: Tenant) -> None:
        receipts = accept(
            tenant,
            REPORT,
            replace(REPORT, recipient_name="Ana Lopez", recipient_email="other@example.org"),
            replace(REPORT, recipient_id="r2"),
            replace(REPORT, event_id="e2", recipient_id="r3", course_version_id="unknown"),
        )
        assert outcomes(receipts) == [
            Outcome.ACCEPTED,
            Outcome.CONFLICT,
            Outcome.CONFLICT,
            Outcome.REFUSED,
        ]
        person = Recipient.objects.get()
        assert (person.external_id, person.names, person.email) == ("r1", ["Ana Lopes"], "")

    def test_keeps_every_name_a_person_was_reported_with(self, tenant: Tenant) -> None:
        make_course(tenant, title="Other", version_id="4")
        accept(tenant, REPORT)
        renamed = replace(REPORT, event_id="e2", recipient_name="Ana Silva", course_version_id="4")
        (receipt,) = accept(tenant, renamed)
        assert receipt.completion is not None
        assert receipt.completion.recipient_name == "Ana Silva"
        assert Completion.objects.get(event_id="e1").recipient_name == "Ana Lopes"

    def test_answers_a_second_event_for_the_same_award_with_the_first(self, tenant: Tenant) -> None:
        first, second = accept(tenant, REPORT, replace(REPORT, event_id="e2"))
        assert second.outcome is Outcome.ALREADY_CERTIFIED
        assert first.completion is not None
        assert second.completion is not None
        assert second.completion.answered_by == first.completion
        assert second.completion.token == first.completion.token
        assert OutboxMessage.objects.get().payload == {"completion_ids": [str(first.completion.pk)]}

    def test_makes_a_second_award_where_the_course_allows_repeats(
        self, tenant: Tenant, course: CourseVersion
    ) -> None:
        course.allows_repeats = True
        course.save()
        receipts = accept(tenant, REPORT, replace(REPORT, event_id="e2"))
        assert outcomes(receipts) == [Outcome.ACCEPTED, Outcome.ACCEPTED]

    def test_keeps_tenants_apart(self, tenant: Tenant) -> None:
        other = make_tenant(slug="other", name="Other")
        make_course(other)
        accept(tenant, REPORT)
        (receipt,) = accept(other, replace(REPORT, recipient_name="Ben"))
        assert receipt.outcome is Outcome.ACCEPTED
        assert Recipient.objects.get(tenant=other).names == ["Ben"]

    def test_a_report_that_is_held_is_tried_again_when_it_comes_again(self, tenant: Tenant) -> None:
        accept(tenant, REPORT)
        Completion.objects.update(state=Completion.State.HELD)
        OutboxMessage.objects.update(done_at=NOW)
        later = NOW + timedelta(hours=1)
        receipts = intake.accept(tenant=tenant, reports=[REPORT], source="tests", now=later)
        assert outcomes(receipts) == [Outcome.DUPLICATE]
        message = OutboxMessage.objects.pending().get()
        assert message.payload == {"completion_ids": [str(Completion.objects.get().pk)]}

    def test_issues_many_in_few_messages(self, tenant: Tenant) -> None:
        many = [replace(REPORT, event_id=f"e{n}", recipient_id=f"r{n}") for n in range(1100)]
        accept(tenant, *many)
        sizes = [len(m.payload["completion_ids"]) for m in OutboxMessage.objects.all()]
        assert sorted(sizes) == [100, 500, 500]

    def test_asks_the_database_little_for_hundreds_of_reports(
        self, tenant: Tenant, django_assert_max_num_queries: Any
    ) -> None:
        many = [replace(REPORT, event_id=f"e{n}", recipient_id=f"r{n}") for n in range(200)]
        with django_assert_max_num_queries(20):
            accept(tenant, *many)


@pytest.mark.usefixtures("course")
class TestPreview:
    def test_gives_the_answers_of_accept_and_writes_nothing(self, tenant: Tenant) -> None:
        reports = [
            REPORT,
            REPORT,
            replace(REPORT, grade="1"),
            replace(REPORT, event_id="e2"),
            replace(REPORT, event_id="e3", course_version_id="unknown"),
        ]
        previewed = intake.preview(tenant=tenant, reports=reports, source="tests", now=NOW)
        for model in (Completion, Recipient, OutboxMessage):
            assert not model.objects.exists()
        assert outcomes(previewed) == outcomes(accept(tenant, *reports))


@pytest.fixture
def at_once() -> Iterator[Any]:
    """Call a function in twenty threads at the same moment, each with its own connection."""
    barrier = threading.Barrier(20)

    def one(call: Any, place: int) -> Any:
        try:
            barrier.wait(timeout=30)
            return call(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        yield lambda call: [
            future.result(timeout=60)
            for future in [pool.submit(one, call, place) for place in range(20)]
        ]


@pytest.mark.django_db(transaction=True)
class TestConcurrentAccept:
    @pytest.fixture(autouse=True)
    def only_on_postgresql(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite takes writers one by one; needs TEST_DATABASE_URL")

    def test_takes_one_event_once_however_many_report_it(self, at_once: Any) -> None:
        tenant = make_tenant(slug="harbour", name="Harbour")
        make_course(tenant)
        receipts = at_once(lambda _place: accept(tenant, REPORT)[0])
        assert (
            sorted(receipt.outcome for receipt in receipts)
            == ["accepted"] + ["duplicate_same"] * 19
        )
        assert len({receipt.completion.pk for receipt in receipts}) == 1
        assert Completion.objects.count() == OutboxMessage.objects.count() == 1

    def test_makes_one_award_of_twenty_events(self, at_once: Any) -> None:
        tenant = make_tenant(slug="harbour", name="Harbour")
        make_course(tenant)
        receipts = at_once(lambda place: accept(tenant, replace(REPORT, event_id=f"e{place}"))[0])
        assert [receipt.outcome for receipt in receipts].count(Outcome.ACCEPTED) == 1
        assert len({receipt.completion.token for receipt in receipts}) == 1
        assert Completion.objects.filter(answered_by__isnull=True).count() == 1

    def test_takes_batches_that_overlap_in_any_order(self, at_once: Any) -> None:
        tenant = make_tenant(slug="harbour", name="Harbour")
        make_course(tenant)
        many = [replace(REPORT, event_id=f"e{n}", recipient_id=f"r{n}") for n in range(20)]
        at_once(lambda place: accept(tenant, *many[place:], *many[:place]))
        assert Completion.objects.count() == Recipient.objects.count() == 20
