"""Withdrawn or corrected before it was issued: what holds in the end holds at once."""

from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection

from certificates import intake, issuance
from certificates.models import Certificate, Completion, StatusList
from certificates.promised import correct, is_known, withdraw
from certificates.reissue import NotReissuable
from observability import audit
from observability.models import AuditRecord
from signing.custody import CannotOpen
from templates_app.models import CertificateTemplate
from tenants.models import Tenant
from tests.certificates.world import issuing_tenant, report
from tests.factories.rows import NOW, make_tenant

pytestmark = pytest.mark.django_db
FRAUD = Certificate.Reason.FRAUD


@pytest.fixture
def tenant() -> Tenant:
    return issuing_tenant()


@pytest.fixture
def completion(tenant: Tenant) -> Completion:
    """One that was accepted, and nothing more."""
    (receipt,) = intake.accept(tenant=tenant, reports=[report()], source="test", now=NOW)
    assert receipt.completion is not None
    return receipt.completion


def withdrawn(completion: Completion, **changes: Any) -> Any:
    facts: dict[str, Any] = {
        "tenant": completion.tenant,
        "certificate_id": completion.certificate_id,
        "reason": FRAUD,
        "actor": "user:1",
        "now": NOW,
    }
    return withdraw(**facts | changes)


def corrected(completion: Completion, **changes: Any) -> Any:
    facts: dict[str, Any] = {
        "tenant": completion.tenant,
        "certificate_id": completion.certificate_id,
        "recipient_name": "Ada King",
        "reason": "married",
        "actor": "user:1",
        "now": NOW,
    }
    return correct(**facts | changes)


def revoked_records() -> int:
    return AuditRecord.objects.filter(event="certification.certificate.revoked").count()


class TestIsKnown:
    def test_of_what_is_issued_between_its_two_questions(self, completion: Completion) -> None:
        asked: list[Any] = []

        def issue_after_the_first(execute: Any, *arguments: Any) -> Any:
            found = execute(*arguments)
            if not asked:
                asked.append(arguments)
                issuance.issue(completion_ids=[completion.pk], now=NOW)
            return found

        with connection.execute_wrapper(issue_after_the_first):
            assert is_known(tenant=completion.tenant, certificate_id=completion.certificate_id)
        assert Certificate.objects.exists()


class TestWithdraw:
    def test_issues_and_revokes_at_once(self, completion: Completion) -> None:
        certificate = withdrawn(completion)
        assert (certificate.pk, certificate.token) == (completion.certificate_id, completion.token)
        assert certificate.state(now=NOW) == Certificate.State.REVOKED
        assert bytes(StatusList.objects.get().bits).strip(b"\0") != b""
        assert issuance.issue(completion_ids=[completion.pk], now=NOW) == []
        assert Certificate.objects.count() == revoked_records() == 1

    def test_twice_changes_nothing(self, completion: Completion) -> None:
        withdrawn(completion)
        again = withdrawn(completion, reason=Certificate.Reason.OTHER)
        assert again.revocation_reason == "fraud"
        assert revoked_records() == 1

    def test_of_what_was_issued_is_a_revocation(self, completion: Completion) -> None:
        issuance.issue(completion_ids=[completion.pk], now=NOW)
        assert withdrawn(completion).revocation_reason == "fraud"

    def test_refuses_what_cannot_be_issued(self, completion: Completion) -> None:
        CertificateTemplate.objects.update(archived_at=NOW)
        found = withdrawn(completion)
        assert (found.pk, found.state) == (completion.pk, "refused")
        assert found.reason == "Withdrawn before it was issued: fraud."
        assert revoked_records() == 1
        assert withdrawn(completion).pk == completion.pk
        assert revoked_records() == 1
        CertificateTemplate.objects.update(archived_at=None)
        assert issuance.issue(completion_ids=[completion.pk], now=NOW) == []
        assert audit.verify_chain(tenant_id=completion.tenant_id) is None

    def test_waits_for_no_key(self, completion: Completion) -> None:
        with patch("signing.signer.sign", side_effect=CannotOpen("away")):
            assert withdrawn(completion).state == "refused"
        assert not Certificate.objects.exists()

    def test_frees_the_award_for_a_new_event(self, completion: Completion) -> None:
        withdrawn(completion)
        anew = report("evt-2", recipient_id="person-of-evt-1")
        (receipt,) = intake.accept(tenant=completion.tenant, reports=[anew], source="test", now=NOW)
        assert receipt.outcome == "accepted"

    def test_a_repeated_report_gets_the_ids_it_got_first(self, completion: Completion) -> None:
        withdrawn(completion)
        (receipt,) = intake.accept(
            tenant=completion.tenant, reports=[report()], source="test", now=NOW
        )
        assert receipt.outcome == "duplicate_same"
        assert receipt.completion is not None
        assert receipt.completion.token == completion.token
        assert receipt.completion.certificate_id == completion.certificate_id

    def test_knows_nothing_of_others(self, completion: Completion) -> None:
        stranger = make_tenant(slug="other", name="Other")
        assert withdrawn(completion, tenant=stranger) is None
        assert withdrawn(completion, certificate_id=uuid4()) is None
        assert not Certificate.objects.exists()


class TestCorrect:
    def test_issues_both_and_links_them(self, completion: Completion) -> None:
        certificate = corrected(completion)
        assert certificate.recipient_name == "Ada King"
        old = Certificate.objects.get(pk=completion.certificate_id)
        assert (certificate.supersedes, old.state(now=NOW)) == (old, "superseded")
        assert issuance.issue(completion_ids=[completion.pk], now=NOW) == []
        assert Certificate.objects.in_force(now=NOW).get() == certificate

    def test_of_what_cannot_be_issued_says_why(self, completion: Completion) -> None:
        CertificateTemplate.objects.update(archived_at=NOW)
        with pytest.raises(NotReissuable, match="no published template"):
            corrected(completion)
        completion.refresh_from_db()
        assert completion.state == Completion.State.ACCEPTED

    def test_after_a_withdrawal_is_refused(self, completion: Completion) -> None:
        withdrawn(completion)
        with pytest.raises(NotReissuable, match="withdrawn before"):
            corrected(completion)

    def test_of_nothing_is_nothing(self, completion: Completion) -> None:
        assert corrected(completion, certificate_id=uuid4()) is None
