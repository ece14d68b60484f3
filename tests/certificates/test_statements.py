"""Signed codes from issue to paper: what is signed is what is printed, under the same key."""

import json
from typing import Any

import pytest

from certificates import printing, queries, reissue, theft
from certificates.credential.contexts import STATEMENT_TYP
from certificates.credential.statement import read_statement
from certificates.models import Certificate, Securing
from certificates.queries import securing_of, statement_of
from signing import jws, keyring, verifier
from signing.models import SigningKey
from signing.verifier import Outcome
from templates_app.design import STATEMENT
from tenants.models import Tenant
from tests.certificates.thefts import LATER, platform_key, report, work
from tests.certificates.world import add_course, issue_all, issued, issuing_tenant
from tests.factories.rows import NOW
from tests.templates_app.designs import layout, text

__all__ = ["platform_key"]
pytestmark = pytest.mark.django_db
CODE = {"kind": "qr", "x": 20, "y": 80, "w": 42, "h": 42, "content": "signed"}


@pytest.fixture
def tenant(db: None) -> Tenant:
    return issuing_tenant(layout=layout(text(lines=3), CODE))


def codes(certificate: Certificate) -> list[Securing]:
    forms = Securing.objects.filter(certificate=certificate, form=Securing.Form.QR_JWT)
    return list(forms.order_by("generation"))


def said(certificate: Certificate) -> dict[str, Any]:
    checked = verifier.verify(
        tenant=certificate.tenant,
        compact=statement_of(certificate),
        typ=STATEMENT_TYP,
        now=NOW,
    )
    assert checked.outcome is Outcome.GOOD
    return checked.payload or {}


class TestIssue:
    def test_signs_a_statement_where_the_design_prints_one(self, tenant: Tenant) -> None:
        certificate = issued(tenant)
        assert said(certificate) == {
            "jti": str(certificate.pk),
            "iss": "harbourline",
            "name": "Ada Lovelace",
            "course": "First Aid at Work",
            "completed": "2026-02-27",
        }
        assert len(statement_of(certificate)) < 450
        (code,) = codes(certificate)
        beside = securing_of(certificate)
        assert (code.kid, code.subject, code.generation) == (beside.kid, beside.subject, 1)

    def test_signs_none_where_it_does_not(self) -> None:
        certificate = issued(issuing_tenant())
        assert codes(certificate) == []
        assert STATEMENT not in printing.printed_values(certificate)

    def test_signs_for_a_whole_batch(self, tenant: Tenant) -> None:
        made = issue_all(tenant, 3)
        assert [said(one)["jti"] for one in made] == [str(one.pk) for one in made]
        # The document beside it stays the one that pages and files are made from.
        assert [queries.securings_of(one)[0].form for one in made] == ["vc-jwt"] * 3

    @pytest.mark.parametrize(
        "name", ["Siân Cadwaladr", "فاطمة الزهراء النجار", "ا" * 200, "O’Neill \\ “Ada” <b>"]
    )
    def test_signs_the_very_name_that_is_printed(self, tenant: Tenant, name: str) -> None:
        certificate = issued(tenant, recipient_name=name)
        printed = printing.printed_values(Certificate.objects.get(pk=certificate.pk))
        token = jws.parse(printed[STATEMENT])
        read = read_statement(json.loads(token.payload))
        assert read.recipient_name == printed["recipient_name"] == name
        assert read.course_title == printed["course_title"]

    def test_says_when_it_ends(self, tenant: Tenant) -> None:
        add_course(tenant, version_id="short", validity_days=30)
        certificate = issued(tenant, course_version_id="short")
        assert certificate.expires_at is not None
        assert said(certificate)["exp"] == certificate.expires_at.timestamp()

    def test_signs_the_corrected_name(self, tenant: Tenant) -> None:
        old = issued(tenant, recipient_name="ADA LOVELACE")
        new = reissue.reissue(
            certificate=old,
            recipient_name="Ada Lovelace",
            reason="capitals",
            actor="service:test",
            now=NOW,
        )
        assert (said(new)["name"], said(new)["jti"]) == ("Ada Lovelace", str(new.pk))
        assert said(old)["name"] == "ADA LOVELACE"


class TestSigningAgain:
    def test_signs_the_code_beside_the_document(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        certificate = issued(tenant)
        report(platform_key)
        work()
        old, new = codes(certificate)
        assert theft.signed_part(old.content) == theft.signed_part(new.content)
        assert new.kid == keyring.active_key(tenant=tenant).thumbprint != old.kid
        assert new.kid == securing_of(certificate).kid
        assert printing.printed_values(certificate)[STATEMENT] == new.content

    def test_counts_certificates_and_not_forms(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        issue_all(tenant, 3)
        found = theft.blast_radius(platform_key, since=LATER)
        assert (found.before, found.after, found.others, found.remaining) == (3, 0, 0, 3)

    def test_gives_no_good_signature_to_a_statement_that_was_tampered_with(
        self, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        one, other = issue_all(tenant, 2)
        Securing.objects.filter(certificate=one, form="qr-jwt").update(content=statement_of(other))
        report(platform_key)
        work()
        assert [len(codes(each)) for each in (one, other)] == [1, 2]
        assert securing_of(one).generation == 2
