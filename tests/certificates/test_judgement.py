"""What a report meets: catalogue, earlier events, awards already made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from certificates import revocation
from certificates.completion import ReportedCompletion
from certificates.judgement import Answer, Catalogue, answers_for, digest
from certificates.models import Certificate, Completion, CourseVersion, Recipient
from tenants.models import Tenant
from tests.certificates.world import add_course, issued, issuing_tenant, report
from tests.factories.rows import (
    NOW,
    make_completion,
    make_recipient,
    make_template,
    make_tenant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return issuing_tenant()


def problems(tenant: Tenant, **changes: Any) -> list[tuple[str, str]]:
    one = report(**changes)
    found = Catalogue(tenant=tenant, reports=[one]).problems(one)
    return [(problem.code, problem.severity) for problem in found]


class TestCatalogue:
    def test_finds_no_fault_with_a_course_version_it_holds(self, tenant: Tenant) -> None:
        assert problems(tenant, course_id="HL-FA1", course_title="First Aid at Work") == []

    def test_knows_no_version_of_another_tenant(self, tenant: Tenant) -> None:
        add_course(make_tenant(slug="other", name="Other"), version_id="theirs")
        assert problems(tenant, course_version_id="theirs") == [("unknown_course_version", "error")]

    def test_refuses_a_version_that_belongs_to_another_course(self, tenant: Tenant) -> None:
        assert problems(tenant, course_id="HL-DATA") == [("unknown_course", "error")]

    def test_warns_of_another_title_and_lets_the_ids_decide(self, tenant: Tenant) -> None:
        assert problems(tenant, course_title="Something") == [("title_mismatch", "warning")]

    def test_takes_templates_of_this_tenant_only(self, tenant: Tenant) -> None:
        own = make_template(tenant, name="Own", is_default=False)
        foreign = make_template(make_tenant(slug="other", name="Other"))
        assert problems(tenant, template_id=own.pk) == []
        assert problems(tenant, template_id=foreign.pk) == [("unknown_template", "error")]


class TestAnswersFor:
    def answers(self, tenant: Tenant, now: datetime = NOW) -> dict[Any, Answer]:
        return answers_for(
            tenant=tenant,
            recipients=Recipient.objects.for_tenant(tenant),
            courses=CourseVersion.objects.for_tenant(tenant),
            now=now,
        )

    def test_names_the_certificate_in_force(self, tenant: Tenant) -> None:
        certificate = issued(tenant)
        (answer,) = self.answers(tenant).values()
        assert (answer.certificate_id, answer.token) == (certificate.pk, certificate.token)

    def test_names_the_completion_that_is_on_its_way(self, tenant: Tenant) -> None:
        waiting = make_completion(
            make_recipient(tenant), CourseVersion.objects.get(), state=Completion.State.HELD
        )
        (answer,) = self.answers(tenant).values()
        assert answer.completion == waiting

    def test_is_silent_about_what_was_withdrawn(self, tenant: Tenant) -> None:
        revocation.revoke(
            certificate=issued(tenant),
            reason=Certificate.Reason.ISSUED_IN_ERROR,
            actor="tests",
            now=NOW,
        )
        assert self.answers(tenant) == {}

    def test_is_silent_about_what_has_expired(self, tenant: Tenant) -> None:
        CourseVersion.objects.update(validity_days=30)
        issued(tenant)
        assert len(self.answers(tenant)) == 1
        assert self.answers(tenant, now=NOW + timedelta(days=31)) == {}


class TestOneAwardPendingAtATime:
    def test_is_the_databases_own_rule(self, tenant: Tenant) -> None:
        person, course = make_recipient(tenant), CourseVersion.objects.get()
        make_completion(person, course, state=Completion.State.ACCEPTED)
        with pytest.raises(IntegrityError):
            make_completion(person, course, state=Completion.State.ACCEPTED)


class TestDigest:
    REPORT = ReportedCompletion(
        event_id="e",
        recipient_id="r",
        recipient_name="Ana",
        course_version_id="1",
        completed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )

    def test_is_equal_for_equal_values_in_another_order(self) -> None:
        person = Recipient(salt=b"s" * 16)
        one = replace(self.REPORT, details={"a": 1, "b": 2})
        other = replace(self.REPORT, details={"b": 2, "a": 1})
        assert digest(one, person) == digest(other, person)

    @pytest.mark.parametrize(
        "change", [{"grade": "1"}, {"template_id": "t"}, {"details": {"a": 1}}, {"language": "en"}]
    )
    def test_differs_for_any_other_value(self, change: dict[str, Any]) -> None:
        person = Recipient(salt=b"s" * 16)
        assert digest(self.REPORT, person) != digest(replace(self.REPORT, **change), person)

    def test_tells_nothing_without_the_persons_salt(self) -> None:
        one, other = Recipient(salt=b"a" * 16), Recipient(salt=b"b" * 16)
        assert digest(self.REPORT, one) != digest(self.REPORT, other)
