"""Files people hold, read as the box and the command read them."""

import io
import json
from typing import Any

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from certificates import revocation, sharing
from certificates.credential.baking import bake, bake_svg
from certificates.models import Artifact, Certificate
from certificates.queries import securing_of
from certificates.tokens import format_token
from signing import jws
from tests.factories.registry import Registry
from tests.factories.rows import PIXEL
from tests.verification import paper
from verification import opening
from verification.evidence import examine_file
from verification.lookup import Report
from verification.refusals import Refused, Why
from verification.verdict import Outcome, Result, State

NAME = "Ada Lovelace"


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    """Return a certificate whose files are made."""
    paper.use_design(registry)
    made = registry.issue(NAME, title="Marine Engines", language="en")
    paper.print_out(registry, made)
    return made


def outcome(report: Report) -> Outcome:
    return report.verdict.checks[-1].outcome


def differing(report: Report) -> dict[str, tuple[str, str]]:
    """Return what differs: by field, as printed and as signed."""
    return {
        row.name: (row.printed, row.signed)
        for row in report.rows
        if row.outcome is not Outcome.PASSED
    }


def why(content: bytes, registry: Registry) -> Why:
    with pytest.raises(Refused) as refused:
        examine_file(content=content, now=registry.now)
    return refused.value.why


def credential_of(certificate: Certificate) -> dict[str, Any]:
    """Return the credential as JSON, without what makes it a JWT."""
    claims = jws.claims(jws.parse(securing_of(certificate).content))
    around = ("iss", "jti", "sub", "nbf", "exp", "iat")
    return {name: value for name, value in claims.items() if name not in around}


@pytest.mark.once
class TestPdf:
    def test_as_it_was_issued_passes_without_being_opened(
        self, registry: Registry, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("it was opened")

        monkeypatch.setattr(opening, "run", refuse)
        for name in ("certificate.pdf", "certificate.png", "badge.png", "badge.svg"):
            content = paper.issued_file(certificate, name)
            report = examine_file(content=content, now=registry.now)
            assert (report.certificate, outcome(report)) == (certificate, Outcome.PASSED)

    @pytest.mark.parametrize("keeps_attachments", [True, False])
    def test_written_anew_passes_by_what_it_says_and_shows(
        self, registry: Registry, certificate: Certificate, keeps_attachments: bool
    ) -> None:
        issued = paper.issued_file(certificate)
        content = paper.rewritten(issued, keeps_attachments=keeps_attachments)
        assert content != issued
        report = examine_file(content=content, now=registry.now)
        assert (report.verdict.in_force, outcome(report)) == (True, Outcome.PASSED)
        assert {"recipient_name", "course_title", "verify_code"} <= {
            row.name for row in report.rows
        }
        assert differing(report) == {}

    def test_of_an_older_revision_passes(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        old = paper.issued_file(certificate)
        pdf = Artifact.objects.get(certificate=certificate, format="pdf")
        pdf.pk, pdf.revision, pdf.sha256 = None, 2, "0" * 64
        pdf.save()
        for content in (old, paper.rewritten(old)):
            assert outcome(examine_file(content=content, now=registry.now)) is Outcome.PASSED

    def test_around_a_genuine_credential_with_other_words_is_invalid_and_names_them(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        forged = paper.forged_print(
            registry, certificate, recipient_name="Eve Forger", completed_on="1 May 1999"
        )
        report = examine_file(content=forged, now=registry.now)
        assert (report.verdict.result, report.verdict.state) == (Result.INVALID, State.ALTERED)
        assert (report.certificate, report.fields) == (None, None)
        found = differing(report)
        assert found["recipient_name"] == ("Eve Forger", NAME)
        assert found["completed_on"][0] == "1 May 1999"
        assert set(found) == {"recipient_name", "completed_on"}

    @pytest.mark.parametrize(
        ("drawing", "detail"),
        [
            (b"1 1 1 rg 70 330 500 70 re f", "drawn over"),
            (b"BT /Over 9 Tf 80 500 Td (with distinction) Tj ET", "Words were added"),
            (b"3 Tr BT /Over 9 Tf 80 500 Td (with distinction) Tj ET", "Words were added"),
        ],
        ids=["name covered", "words", "unseen words"],
    )
    def test_drawn_over_is_invalid(
        self, registry: Registry, certificate: Certificate, drawing: bytes, detail: str
    ) -> None:
        content = paper.overlaid(paper.issued_file(certificate), drawing)
        report = examine_file(content=content, now=registry.now)
        assert report.verdict.state is State.ALTERED
        assert detail in report.verdict.checks[-1].detail

    def test_of_a_withdrawn_certificate_says_so(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        issued = paper.issued_file(certificate)
        revocation.revoke(
            certificate=certificate,
            reason=Certificate.Reason.FRAUD,
            note="",
            actor="service:test",
            now=registry.now,
        )
        for content in (issued, paper.rewritten(issued)):
            report = examine_file(content=content, now=registry.now)
            assert report.verdict.state is State.REVOKED
            assert outcome(report) is Outcome.PASSED

    def test_with_more_than_the_certificate_is_not_wholly_checked(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        issued = paper.issued_file(certificate)
        script = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")
        for content in (
            paper.bound(issued, paper.letter("And a licence to dive.")),
            paper.with_root(issued, {"/OpenAction": script}),
        ):
            report = examine_file(content=content, now=registry.now)
            assert (report.verdict.in_force, outcome(report)) == (True, Outcome.NOT_CHECKED)

    def test_that_mentions_a_code_is_not_taken_for_the_certificate(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        code = format_token(certificate.token)
        content = paper.letter("Dear reader,", f"see {code}", "Yours, Eve Forger")
        report = examine_file(content=content, now=registry.now)
        assert (report.certificate, outcome(report)) == (certificate, Outcome.NOT_CHECKED)
        assert report.rows == ()

    def test_that_was_scanned_is_read_by_its_code(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        page = Image.open(io.BytesIO(paper.issued_file(certificate, "certificate.png")))
        file = io.BytesIO()
        page.convert("RGB").save(file, "PDF", resolution=150, quality=60)
        report = examine_file(content=file.getvalue(), now=registry.now)
        assert (report.certificate, report.verdict.in_force) == (certificate, True)

    def test_is_not_vouched_for_while_the_issued_one_is_out_of_reach(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        issued = paper.issued_file(certificate)
        forged = paper.forged_print(registry, certificate, recipient_name="Eve Forger")
        Artifact.objects.filter(certificate=certificate).update(path="gone", sha256="0" * 64)
        report = examine_file(content=issued, now=registry.now)
        assert (report.verdict.in_force, outcome(report)) == (True, Outcome.NOT_CHECKED)
        report = examine_file(content=forged, now=registry.now)
        assert report.verdict.state is State.ALTERED

    def test_of_a_private_certificate_draws_no_name_out(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        forged = paper.forged_print(registry, certificate, recipient_name="Eve Forger")
        issued = paper.issued_file(certificate)
        private = Certificate.Visibility.PRIVATE
        sharing.share(certificate=certificate, visibility=private, now=registry.now)
        report = examine_file(content=forged, now=registry.now)
        assert (report.verdict.state, report.rows) == (State.ALTERED, ())
        for content in (issued, paper.rewritten(issued)):
            report = examine_file(content=content, now=registry.now)
            assert (outcome(report), report.rows) == (Outcome.PASSED, ())
        document = credential_of(certificate) | {"name": "another"}
        report = examine_file(content=json.dumps(document).encode(), now=registry.now)
        assert (report.verdict.state, report.rows) == (State.ALTERED, ())

    def test_of_two_certificates_asks_for_one(self, registry: Registry) -> None:
        codes = [format_token(registry.issue().token) for _ in range(2)]
        assert why(paper.letter(*codes), registry) is Why.SEVERAL


@pytest.mark.once
class TestBadge:
    def test_saved_by_another_program_passes_and_with_another_picture_does_not(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        badge = Image.open(io.BytesIO(paper.issued_file(certificate, "badge.png")))
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("openbadgecredential", securing_of(certificate).content)
        saved = io.BytesIO()
        badge.save(saved, "PNG", pnginfo=chunks, compress_level=1)
        report = examine_file(content=saved.getvalue(), now=registry.now)
        assert (report.verdict.in_force, outcome(report)) == (True, Outcome.PASSED)

        other = bake(PIXEL, securing_of(certificate).content)
        assert examine_file(content=other, now=registry.now).verdict.state is State.ALTERED

    def test_as_svg_gives_out_its_credential_and_no_trust_in_another_picture(
        self, registry: Registry
    ) -> None:
        plain = '<svg xmlns="http://www.w3.org/2000/svg"><text>Doctor</text></svg>'
        content = bake_svg(plain, securing_of(registry.issue()).content).encode()
        report = examine_file(content=content, now=registry.now)
        assert (report.verdict.state, report.certificate) == (State.ALTERED, None)

    def test_of_another_issuer_names_them_and_asks_nobody(self, registry: Registry) -> None:
        foreign = {
            "id": "https://badges.elsewhere.example/1",
            "issuer": {"id": "https://x.example"},
        }
        by_did = {"id": "urn:uuid:1", "issuer": "did:web:did.example%3A8443:issuers:1"}
        hosted = {"id": "x", "badge": {"issuer": "https://older.example/issuer"}}
        for document, host in (
            (foreign, "badges.elsewhere.example"),
            (by_did, "did.example:8443"),
            (hosted, "older.example"),
        ):
            text = json.dumps(document)
            for content in (text.encode(), bake(PIXEL, text)):
                report = examine_file(content=content, now=registry.now)
                assert (report.verdict.state, report.elsewhere) == (State.ELSEWHERE, host)
                assert report.verdict.result is Result.NOT_FOUND


@pytest.mark.once
class TestJson:
    def test_that_says_what_was_signed_passes_whatever_proves_it(self, registry: Registry) -> None:
        certificate = registry.issue()
        document = {**credential_of(certificate), "proof": {"type": "DataIntegrityProof"}}
        report = examine_file(content=json.dumps(document, indent=2).encode(), now=registry.now)
        assert (report.certificate, outcome(report)) == (certificate, Outcome.PASSED)
        assert "proof of its own was not checked" in report.verdict.checks[-1].detail

    def test_that_says_anything_else_is_invalid(self, registry: Registry) -> None:
        certificate = registry.issue(NAME)
        document = credential_of(certificate)
        document["credentialSubject"]["achievement"]["name"] = "Brain Surgery"
        report = examine_file(content=json.dumps(document).encode(), now=registry.now)
        assert (report.verdict.state, report.certificate) == (State.ALTERED, None)
        assert differing(report)["course_title"][0] == "Brain Surgery"
        document = {**credential_of(certificate), "name": "another member"}
        report = examine_file(content=json.dumps(document).encode(), now=registry.now)
        assert report.verdict.state is State.ALTERED


@pytest.mark.once
class TestPhoto:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_of_the_code_gives_its_certificate_and_vouches_for_no_picture(
        self, registry: Registry, kind: str
    ) -> None:
        certificate = registry.issue()
        link = f"http://testserver/verify/{format_token(certificate.token)}"
        report = examine_file(content=paper.photo_of(link, kind=kind), now=registry.now)
        assert (report.certificate, outcome(report)) == (certificate, Outcome.NOT_CHECKED)
        assert "Only the code" in report.verdict.checks[-1].detail

    def test_of_many_codes_asks_for_one_unless_they_are_the_same(self, registry: Registry) -> None:
        codes = [format_token(registry.issue().token) for _ in range(2)]
        links = [f"http://testserver/verify/{code}" for code in codes]
        assert why(paper.photo_of(*links), registry) is Why.SEVERAL
        same = paper.photo_of(links[0], f"http://testserver/certificates/{codes[0]}")
        assert examine_file(content=same, now=registry.now).verdict.in_force is True
        beside = paper.photo_of(links[0], "https://elsewhere.example/menu", "WIFI:S:x;;")
        assert examine_file(content=beside, now=registry.now).verdict.in_force is True
        crowd = [f"https://elsewhere.example/{number}" for number in range(200)]
        assert why(paper.photo_of(*crowd, size=100), registry) is Why.ELSEWHERE

    def test_of_no_code_or_of_another_says_so(self, registry: Registry) -> None:
        assert why(PIXEL, registry) is Why.NO_CODE_SEEN
        assert why(paper.photo_of("WIFI:S:x;;"), registry) is Why.NO_CERTIFICATE
        code = format_token(registry.issue().token)
        elsewhere = paper.photo_of(f"https://elsewhere.example/verify/{code}")
        with pytest.raises(Refused, match=r"another service, elsewhere\.example\."):
            examine_file(content=elsewhere, now=registry.now)
