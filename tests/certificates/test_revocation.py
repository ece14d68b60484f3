"""Revoking and re-issuing: final, linked, and seen by everybody who asks."""

from datetime import timedelta
from typing import Any

import pytest

from certificates import reissue as reissuing
from certificates import revocation, status_list
from certificates.credential import status_bits
from certificates.credential.read import signed_fields
from certificates.models import Certificate, StatusList
from certificates.queries import securing_of
from observability.models import AuditRecord
from signing import verifier
from tests.certificates.world import add_course, issued, issuing_tenant
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def revoke(certificate: Certificate, reason: str = "fraud") -> bool:
    return revocation.revoke(
        certificate=certificate,
        reason=Certificate.Reason(reason),
        actor="user:1",
        now=LATER,
        note="seen twice",
    )


class TestRevoke:
    def test_sets_the_row_the_bit_and_the_audit_record(self) -> None:
        certificate = issued(issuing_tenant())
        assert revoke(certificate)
        certificate.refresh_from_db()
        assert certificate.state(now=LATER) == Certificate.State.REVOKED
        listed = StatusList.objects.get()
        assert status_bits.is_set(bytes(listed.bits), certificate.status_index)
        record = AuditRecord.objects.get(event="certification.certificate.revoked")
        assert record.actor == "user:1"
        assert "seen twice" not in record.payload

    def test_twice_is_false_and_changes_nothing(self) -> None:
        certificate = issued(issuing_tenant())
        assert revoke(certificate, "fraud")
        assert not revoke(certificate, "other")
        certificate.refresh_from_db()
        assert certificate.revocation_reason == "fraud"
        assert AuditRecord.objects.filter(event="certification.certificate.revoked").count() == 1

    def test_the_signed_list_says_so_to_strangers(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        revoke(certificate)
        listed = StatusList.objects.get()
        compact = status_list.current(status_list=listed, now=LATER)
        checked = verifier.verify(tenant=tenant, compact=compact, typ="vc+jwt", now=LATER)
        assert checked.payload is not None
        bits = status_bits.decode(checked.payload["credentialSubject"]["encodedList"])
        assert status_bits.is_set(bits, certificate.status_index)
        assert sum(byte.bit_count() for byte in bits) == 1

    def test_an_expired_certificate_can_be_revoked_too(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="CPR", version_id="cpr", validity_days=1)
        certificate = issued(tenant, course_version_id="cpr", now=NOW - timedelta(days=9))
        assert certificate.state(now=NOW) == Certificate.State.EXPIRED
        assert revoke(certificate)
        assert certificate.state(now=LATER) == Certificate.State.REVOKED


class TestCurrent:
    def test_signs_again_before_its_validity_ends(self) -> None:
        issued(issuing_tenant())
        listed = StatusList.objects.get()
        first = status_list.current(status_list=listed, now=NOW)
        assert status_list.current(status_list=listed, now=NOW + timedelta(days=1)) == first
        assert status_list.current(status_list=listed, now=NOW + timedelta(days=6)) != first

    def test_keeps_a_bit_that_was_set_since_the_row_was_read(self) -> None:
        certificate = issued(issuing_tenant())
        read_before = StatusList.objects.get()
        revoke(certificate)
        status_list.current(status_list=read_before, now=NOW + timedelta(days=6))
        bits = bytes(StatusList.objects.get().bits)
        assert status_bits.is_set(bits, certificate.status_index)


class TestReissue:
    def test_links_both_and_keeps_the_day_of_the_award(self) -> None:
        tenant = issuing_tenant()
        old = issued(tenant, recipient_name="ADA LOVELACE")
        new = reissuing.reissue(
            certificate=old, recipient_name="Ada Lovelace", reason="typo", actor="user:1", now=LATER
        )
        old.refresh_from_db()
        assert old.state(now=LATER) == Certificate.State.SUPERSEDED
        assert old.superseded_by == new
        assert new.supersedes == old
        assert new.token != old.token
        checked = verifier.verify(
            tenant=tenant, compact=securing_of(new).content, typ="JWT", now=LATER
        )
        assert checked.payload is not None
        assert signed_fields(checked.payload).recipient_name == "Ada Lovelace"
        assert checked.payload["awardedDate"] == "2026-03-01T12:00:00Z"

    def test_leaves_the_old_bytes_as_they_were(self) -> None:
        old = issued(issuing_tenant(), recipient_name="ADA LOVELACE")
        before = securing_of(old).content
        reissuing.reissue(
            certificate=old, recipient_name="Ada Lovelace", reason="typo", actor="user:1", now=LATER
        )
        assert securing_of(old).content == before
        assert old.recipient_name == "ADA LOVELACE"

    def test_a_withdrawn_certificate_cannot_come_back_this_way(self) -> None:
        certificate = issued(issuing_tenant())
        revoke(certificate)
        with pytest.raises(reissuing.NotReissuable, match="new event id"):
            reissuing.reissue(certificate=certificate, reason="x", actor="user:1", now=LATER)
        assert Certificate.objects.count() == 1

    def test_an_expired_certificate_with_a_newer_one_stays_as_it_is(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="CPR", version_id="cpr", validity_days=1)
        facts: dict[str, Any] = {"recipient_id": "p", "course_version_id": "cpr"}
        old = issued(tenant, "evt-1", **facts, now=NOW - timedelta(days=9))
        issued(tenant, "evt-2", **facts)
        with pytest.raises(reissuing.NotReissuable, match="newer one"):
            reissuing.reissue(certificate=old, reason="x", actor="user:1", now=LATER)
        old.refresh_from_db()
        assert old.revoked_at is None
        assert Certificate.objects.count() == 2
