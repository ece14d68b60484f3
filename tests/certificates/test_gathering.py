"""What waits beside a completion is issued with it, and never stands in its way."""

from typing import Any
from unittest.mock import patch

import pytest
from structlog.contextvars import bound_contextvars

from certificates import gathering, intake, issuance, tasks
from certificates.models import Certificate, Completion
from observability import database_clock
from tenants.models import Tenant
from tests.certificates.world import add_course, issuing_tenant, report
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return issuing_tenant()


def accept(tenant: Tenant, *events: str, **changes: Any) -> list[Any]:
    reports = [report(event, **changes) for event in events]
    receipts = intake.accept(tenant=tenant, reports=reports, source="test", now=NOW)
    return [receipt.completion.pk for receipt in receipts if receipt.completion]


def issued() -> set[str]:
    return set(Certificate.objects.values_list("completion__event_id", flat=True))


class TestIssue:
    def test_issues_what_waits_beside_it_and_then_finds_nothing_left(self, tenant: Tenant) -> None:
        ids = accept(tenant, "a", "b", "c")
        gathering.issue(completion_ids=ids[:1], now=NOW)
        assert issued() == {"a", "b", "c"}
        gathering.issue(completion_ids=ids[1:2], now=NOW)
        assert Certificate.objects.count() == 3

    def test_takes_no_more_than_a_few(self, tenant: Tenant) -> None:
        ids = accept(tenant, *(f"evt-{number}" for number in range(gathering.FEW + 10)))
        gathering.issue(completion_ids=ids[-1:], now=NOW)
        assert Certificate.objects.count() == gathering.FEW + 1
        assert f"evt-{gathering.FEW + 9}" in issued()

    def test_leaves_a_chunk_alone(self, tenant: Tenant) -> None:
        ids = accept(tenant, *(f"evt-{number}" for number in range(gathering.FEW + 1)))
        gathering.issue(completion_ids=ids[:-1], now=NOW)
        assert Certificate.objects.count() == gathering.FEW

    def test_leaves_other_tenants_and_what_is_held_alone(self, tenant: Tenant) -> None:
        other = accept(issuing_tenant("other"), "theirs")
        held = accept(tenant, "held")
        Completion.objects.filter(pk__in=held).update(state=Completion.State.HELD)
        gathering.issue(completion_ids=accept(tenant, "a"), now=NOW)
        assert issued() == {"a"}
        gathering.issue(completion_ids=other, now=NOW)
        assert issued() == {"a", "theirs"}

    def test_what_was_decided_already_gathers_nothing(self, tenant: Tenant) -> None:
        ids = accept(tenant, "a")
        gathering.issue(completion_ids=ids, now=NOW)
        accept(tenant, "b")
        gathering.issue(completion_ids=ids, now=NOW)
        assert issued() == {"a"}

    def test_goes_on_alone_where_one_beside_it_fails(self, tenant: Tenant) -> None:
        ids = accept(tenant, "a", "b")
        whole = issuance.issue

        def failing(*, completion_ids: Any, now: Any) -> Any:
            if ids[1] in completion_ids:
                raise OSError("poison")
            return whole(completion_ids=completion_ids, now=now)

        with patch.object(issuance, "issue", failing):
            gathering.issue(completion_ids=ids[:1], now=NOW)
        assert issued() == {"a"}

    def test_leaves_what_has_waited_long_to_its_own_message(self, tenant: Tenant) -> None:
        accept(tenant, "old")
        later = NOW + gathering.LATELY
        Completion.objects.filter(pk__in=accept(tenant, "new")).update(accepted_at=later)
        new = Completion.objects.get(event_id="new")
        gathering.issue(completion_ids=[new.pk], now=later)
        assert issued() == {"new"}

    def test_goes_alone_when_told(self, tenant: Tenant) -> None:
        ids = accept(tenant, "a", "b")
        gathering.issue(completion_ids=ids[:1], now=NOW, alone=True)
        assert issued() == {"a"}

    def test_gathers_at_the_first_attempt_and_never_again(
        self, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(database_clock, "now", lambda: NOW)
        ids = accept(tenant, "a", "b", "c")
        with bound_contextvars(attempt=2):
            tasks.issue(completion_ids=[str(ids[0])])
        assert issued() == {"a"}
        with bound_contextvars(attempt=1):
            tasks.issue(completion_ids=[str(ids[1])])
        assert issued() == {"a", "b", "c"}

    def test_issues_a_course_with_repeats_too(self, tenant: Tenant) -> None:
        add_course(tenant, course_id="CPR", version_id="cpr", allows_repeats=True)
        ids = accept(tenant, "a", course_version_id="cpr")
        gathering.issue(completion_ids=ids, now=NOW)
        assert issued() == {"a"}
