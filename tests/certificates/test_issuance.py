"""Issuing: each completion once, in batches, and nothing half done."""

from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError

from certificates import intake, issuance, recording, securing, topics
from certificates.credential.compose import Award
from certificates.credential.lint import NotLinted
from certificates.credential.shapes import Shapes
from certificates.models import Certificate, Completion, RenderJob, Securing
from certificates.recording import FEW
from observability.models import AuditRecord
from outbox.models import OutboxMessage
from signing import verifier
from signing.verifier import Outcome
from templates_app.models import CertificateTemplate
from tests.certificates.world import add_course, issued, issuing_tenant, report
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


def accept(tenant: Any, *reports: Any) -> list[Any]:
    receipts = intake.accept(tenant=tenant, reports=reports, source="test", now=NOW)
    return [receipt.completion.pk for receipt in receipts if receipt.completion]


class TestIssue:
    def test_makes_the_certificate_that_intake_promised(self) -> None:
        tenant = issuing_tenant()
        (completion_id,) = accept(tenant, report())
        promised = Completion.objects.get(pk=completion_id)
        (certificate,) = issuance.issue(completion_ids=[completion_id], now=NOW)
        assert certificate.pk == promised.certificate_id
        assert certificate.token == promised.token
        assert Completion.objects.get(pk=completion_id).state == Completion.State.ISSUED

    def test_signs_what_it_stores_byte_for_byte(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        securing = Securing.objects.get(certificate=certificate)
        checked = verifier.verify(tenant=tenant, compact=securing.content, typ="JWT", now=NOW)
        assert checked.outcome == Outcome.GOOD
        assert checked.payload is not None
        assert checked.payload["jti"] == certificate.credential_url
        assert checked.kid == securing.kid

    def test_tells_how_late_the_platform_reported(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, report(occurred_at=NOW - timedelta(seconds=90)), report("evt-2"))
        with (
            patch.object(recording, "emit_many") as emit_many,
            django_capture_on_commit_callbacks(execute=True),
        ):
            issuance.issue(completion_ids=ids, now=NOW)
        lags = [line.get("source_lag") for line in emit_many.call_args.kwargs["many"]]
        assert sorted(lags, key=str) == [90.0, None]

    def test_writes_into_the_audit_record_what_is_backfilled(self) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, report(is_backfill=True), report("evt-2"))
        issuance.issue(completion_ids=ids, now=NOW)
        records = AuditRecord.objects.filter(event="certification.certificate.issued")
        old = Certificate.objects.get(completion__event_id="evt-1")
        (marked,) = [record for record in records if '"backfill":"yes"' in record.payload]
        assert str(old.pk) in marked.payload

    def test_twice_changes_nothing(self) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, report())
        assert len(issuance.issue(completion_ids=ids, now=NOW)) == 1
        assert issuance.issue(completion_ids=ids, now=NOW) == []
        assert Certificate.objects.count() == Securing.objects.count() == 1
        assert AuditRecord.objects.filter(event="certification.certificate.issued").count() == 1

    def test_issues_a_batch_with_one_message_for_five_files(self) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, *[report(f"evt-{n}") for n in range(45)])
        assert len(issuance.issue(completion_ids=ids, now=NOW)) == 45
        assert RenderJob.objects.count() == 45
        assert OutboxMessage.objects.filter(task=topics.RENDER_BULK).count() == 9
        indexes = Certificate.objects.values_list("status_index", flat=True)
        assert len(set(indexes)) == 45

    def test_draws_the_files_of_many_apart_from_those_of_a_few(self) -> None:
        tenant = issuing_tenant()
        for batch, number in (("few", FEW), ("many", FEW + 1)):
            reports = [report(f"{batch}-{one}") for one in range(number)]
            issuance.issue(completion_ids=accept(tenant, *reports), now=NOW)
        messages = OutboxMessage.objects.filter(task__startswith="certificates.render")
        drawn: Counter[str] = Counter()
        for message in messages:
            drawn[message.task] += len(message.payload["certificate_ids"])
        assert drawn == {topics.RENDER: FEW, topics.RENDER_BULK: FEW + 1}

    def test_pins_the_number_of_queries_of_a_batch(
        self, django_assert_max_num_queries: Any
    ) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, *[report(f"evt-{n}") for n in range(100)])
        with django_assert_max_num_queries(36):
            issuance.issue(completion_ids=ids, now=NOW)

    def test_refuses_what_cannot_be_signed_and_issues_the_rest(self) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, report("bad", recipient_name="Unfit"), report("good"))

        def judge(shapes: Shapes, award: Award) -> Any:
            if award.recipient_name == "Unfit":
                raise NotLinted(["credentialSubject: is bad"])
            return lint(shapes, award)

        lint = Shapes.lint
        with patch.object(Shapes, "lint", judge):
            assert len(issuance.issue(completion_ids=ids, now=NOW)) == 1
        refused = Completion.objects.get(event_id="bad")
        assert refused.state == Completion.State.REFUSED
        assert refused.reason == "credentialSubject: is bad"

    def test_holds_a_completion_until_there_is_a_template(self) -> None:
        tenant = issuing_tenant()
        CertificateTemplate.objects.update(archived_at=NOW)
        ids = accept(tenant, report())
        assert issuance.issue(completion_ids=ids, now=NOW) == []
        assert Completion.objects.get().state == Completion.State.HELD
        assert "template" in Completion.objects.get().reason
        CertificateTemplate.objects.update(archived_at=None)
        assert len(issuance.issue(completion_ids=ids, now=NOW)) == 1

    def test_a_failure_leaves_nothing_behind(self) -> None:
        tenant = issuing_tenant()
        ids = accept(tenant, report())
        with (
            patch.object(securing, "store", side_effect=OSError("disk")),
            pytest.raises(OSError, match="disk"),
        ):
            issuance.issue(completion_ids=ids, now=NOW)
        assert Certificate.objects.count() == 0
        assert Completion.objects.get().state == Completion.State.ACCEPTED
        assert len(issuance.issue(completion_ids=ids, now=NOW)) == 1

    def test_an_award_made_elsewhere_answers_and_the_others_go_on(self) -> None:
        tenant = issuing_tenant()
        first = issued(tenant, "evt-1", recipient_id="one")
        ids = accept(tenant, report("evt-2", recipient_id="two"), report("evt-3"))
        # As if another process had issued to the same person between intake and issue.
        Completion.objects.filter(event_id="evt-2").update(recipient=first.recipient)
        assert len(issuance.issue(completion_ids=ids, now=NOW)) == 1
        answered = Completion.objects.get(event_id="evt-2")
        assert answered.certificate_id == first.pk
        assert answered.answered_by_id == first.completion_id

    def test_an_expired_certificate_makes_room_for_its_renewal(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="CPR", version_id="cpr", validity_days=10)
        old = issued(tenant, "evt-1", recipient_id="p", course_version_id="cpr")
        later = NOW + timedelta(days=11)
        new = issued(tenant, "evt-2", recipient_id="p", course_version_id="cpr", now=later)
        old.refresh_from_db()
        assert new.pk != old.pk
        assert old.renewed_at == later
        assert old.revoked_at is None

    def test_makes_room_for_one_without_an_end_too(self) -> None:
        tenant = issuing_tenant()
        course = add_course(tenant, course_id="CPR", version_id="cpr", validity_days=10)
        old = issued(tenant, "evt-1", recipient_id="p", course_version_id="cpr")
        course.validity_days = None
        course.save()
        later = NOW + timedelta(days=11)
        new = issued(tenant, "evt-2", recipient_id="p", course_version_id="cpr", now=later)
        assert (new.pk != old.pk, new.expires_at) == (True, None)

    def test_writes_expiry_into_the_credential_and_the_row(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="CPR", version_id="cpr", validity_days=10)
        certificate = issued(tenant, course_version_id="cpr")
        checked = verifier.verify(
            tenant=tenant, compact=certificate.securings.get().content, typ="JWT", now=NOW
        )
        assert checked.payload is not None
        assert checked.payload["validUntil"] == "2026-03-11T12:00:00Z"
        assert certificate.expires_at == NOW + timedelta(days=10)


class TestConstraints:
    def test_one_certificate_in_force_per_completion(self) -> None:
        certificate = issued(issuing_tenant())
        with pytest.raises(IntegrityError, match="completion"):
            _copy(certificate, allows_repeats=True)

    def test_one_certificate_in_force_per_award(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        other = issued(tenant, "evt-2")
        with pytest.raises(IntegrityError):
            _copy(certificate, completion_id=_free_completion(other))

    def test_a_revoked_certificate_has_a_reason(self) -> None:
        certificate = issued(issuing_tenant())
        with pytest.raises(IntegrityError, match="certificate_revoked_with_reason"):
            Certificate.objects.filter(pk=certificate.pk).update(revoked_at=NOW)


def _copy(certificate: Certificate, **changes: Any) -> None:
    fields = {
        field.attname: getattr(certificate, field.attname)
        for field in Certificate._meta.concrete_fields
    }
    fields |= {"id": None, "token": "0" * 28, "status_index": certificate.status_index ^ 1}
    del fields["id"]
    Certificate.objects.create(**{**fields, **changes})


def _free_completion(certificate: Certificate) -> Any:
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=NOW, revocation_reason="other")
    return certificate.completion_id
