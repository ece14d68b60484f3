"""What an employer holds: codes, links, signed documents, files, and their forgeries."""

import hashlib
import io
import random
import zlib
from datetime import datetime

import pikepdf
import pytest
from pytest_django import Settings

from certificates.credential.baking import bake
from certificates.models import Artifact, Certificate
from certificates.queries import securing_of
from certificates.tokens import format_token
from signing import signer
from tests.factories.registry import Registry
from tests.factories.rows import (
    PIXEL,
)
from verification.evidence import examine_file, examine_text
from verification.lookup import Report
from verification.reading import SIZE_LIMIT, CannotCheck
from verification.verdict import Outcome, Result, State


def compact_of(certificate: Certificate) -> str:
    return securing_of(certificate).content


def pdf_with(*, name: str = "credential.jws", content: bytes) -> bytes:
    """Return a small PDF with one attachment."""
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments[name] = content
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def keep(certificate: Certificate, content: bytes, now: datetime) -> bytes:
    """Make a file one that was issued."""
    Artifact.objects.create(
        certificate=certificate,
        format="pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        path="unused",
        made_by="tests",
        created_at=now,
    )
    return content


def file_check(report: Report) -> Outcome:
    return {check.name: check.outcome for check in report.verdict.checks}["file"]


def swelling_pdf() -> bytes:
    """Return a PDF whose attachment was packed twice: 300 bytes that say 50 megabytes."""
    document = pikepdf.open(io.BytesIO(pdf_with(content=b"x")))
    packed = zlib.compress(zlib.compress(bytes(50_000_000), 9), 9)
    flate = pikepdf.Name.FlateDecode
    stream = document.attachments["credential.jws"].obj["/EF"]["/F"]
    stream.write(packed, filter=pikepdf.Array([flate, flate]))
    file = io.BytesIO()
    document.save(file, compress_streams=False)
    return file.getvalue()


class TestExamineText:
    @pytest.mark.parametrize(
        "form",
        [
            "{0}",
            " {0}\n",
            "{1}/verify/{0}",
            "{1}/certificates/{0}",
            "{1}/certificates/{0}/badge.png",
        ],
    )
    def test_reads_codes_and_links(self, registry: Registry, settings: Settings, form: str) -> None:
        code = format_token(registry.issue().token)
        report = examine_text(text=form.format(code, settings.BASE_URL), now=registry.now)
        assert report.verdict.state is State.IN_FORCE
        assert file_check(report) is Outcome.NOT_CHECKED

    def test_reads_the_address_of_a_credential(self, registry: Registry) -> None:
        certificate = registry.issue()
        report = examine_text(text=certificate.credential_url, now=registry.now)
        assert report.certificate == certificate

    def test_knows_links_of_every_origin_it_issued_under(
        self, registry: Registry, settings: Settings
    ) -> None:
        settings.BASE_URL = "https://former.example"
        code = format_token(registry.issue().token)
        settings.BASE_URL = "https://present.example"
        report = examine_text(text=f"https://former.example/verify/{code}", now=registry.now)
        assert report.verdict.result is Result.ISSUED

    def test_has_no_verdict_on_another_services_link(self, registry: Registry) -> None:
        code = format_token(registry.issue().token)
        with pytest.raises(CannotCheck, match="another service"):
            examine_text(text=f"https://elsewhere.example/verify/{code}", now=registry.now)

    def test_has_no_verdict_on_what_is_no_link(self, registry: Registry) -> None:
        with pytest.raises(CannotCheck):
            examine_text(text="https://[", now=registry.now)

    def test_reads_a_signed_document_that_was_pasted(self, registry: Registry) -> None:
        report = examine_text(text=compact_of(registry.issue()), now=registry.now)
        assert report.verdict.state is State.IN_FORCE

    def test_says_mistyped_and_unknown(self, registry: Registry) -> None:
        code = registry.issue().token
        wrong = ("1" if code[0] == "0" else "0") + code[1:]
        assert examine_text(text=wrong, now=registry.now).verdict.state is State.MISTYPED
        zeros = "0" * 26 + "1Y"
        assert examine_text(text=zeros, now=registry.now).verdict.state is State.UNKNOWN


class TestExamineFile:
    @pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
    def test_finds_a_signed_document_on_record(self, registry: Registry, ending: str) -> None:
        certificate = registry.issue()
        content = (compact_of(certificate) + ending).encode()
        report = examine_file(content=content, now=registry.now)
        assert (report.certificate, report.verdict.in_force) == (certificate, True)
        assert file_check(report) is Outcome.PASSED

    def test_says_of_a_document_what_became_of_its_certificate(self, registry: Registry) -> None:
        certificate = registry.revoked()
        report = examine_file(content=compact_of(certificate).encode(), now=registry.now)
        assert report.verdict.state is State.REVOKED

    def test_refuses_a_document_with_another_signature(self, registry: Registry) -> None:
        one, other = compact_of(registry.issue("Ada")), compact_of(registry.issue("Ben"))
        mixed = ".".join([*one.split(".")[:2], other.split(".")[2]])
        report = examine_file(content=mixed.encode(), now=registry.now)
        assert (report.verdict.result, report.verdict.state) == (Result.INVALID, State.ALTERED)
        assert report.fields is None

    def test_refuses_a_document_we_signed_and_have_no_record_of(self, registry: Registry) -> None:
        certificate = registry.issue()
        (signed,) = signer.sign(
            tenant=registry.tenant,
            payloads=[b'{"jti":"%s"}' % certificate.credential_url.encode()],
            typ="JWT",
            now=registry.now,
        )
        report = examine_file(content=signed.compact.encode(), now=registry.now)
        assert report.verdict.state is State.ALTERED
        assert "record" in report.verdict.checks[0].detail

    def test_does_not_know_a_document_of_no_certificate(self, registry: Registry) -> None:
        (signed,) = signer.sign(
            tenant=registry.tenant,
            payloads=[b'{"jti":"http://testserver/credentials/x"}'],
            typ="JWT",
            now=registry.now,
        )
        report = examine_file(content=signed.compact.encode(), now=registry.now)
        assert report.verdict.result is Result.NOT_FOUND

    def test_vouches_for_a_pdf_it_made(self, registry: Registry) -> None:
        certificate = registry.issue()
        content = keep(
            certificate, pdf_with(content=compact_of(certificate).encode()), registry.now
        )
        report = examine_file(content=content, now=registry.now)
        assert report.verdict.in_force is True
        assert file_check(report) is Outcome.PASSED

    def test_vouches_for_no_page_that_was_edited_around_a_good_credential(
        self, registry: Registry
    ) -> None:
        certificate = registry.issue()
        report = examine_file(
            content=pdf_with(content=compact_of(certificate).encode()), now=registry.now
        )
        assert (report.verdict.result, report.verdict.state) == (Result.INVALID, State.ALTERED)
        assert file_check(report) is Outcome.FAILED
        assert report.certificate is None

    def test_reads_a_baked_badge(self, registry: Registry) -> None:
        certificate = registry.issue()
        content = keep(certificate, bake(PIXEL, compact_of(certificate)), registry.now)
        assert examine_file(content=content, now=registry.now).verdict.in_force is True

    def test_knows_a_picture_without_a_credential_by_its_bytes(self, registry: Registry) -> None:
        certificate = registry.issue()
        keep(certificate, PIXEL, registry.now)
        assert examine_file(content=PIXEL, now=registry.now).certificate == certificate

    @pytest.mark.parametrize(
        "content",
        [
            PIXEL,
            PIXEL[:40],
            pdf_with(name="other.txt", content=b"x"),
            pdf_with(content=random.Random(0).randbytes(100_000)),
            pdf_with(content="é".encode()),
            b"%PDF-1.7 and nothing more",
            b"\xff\xfe\x00",
            b'{"type": "VerifiableCredential"}',
            b"x" * (SIZE_LIMIT + 1),
        ],
        ids=["plain", "cut", "unattached", "long", "text", "broken", "bytes", "json", "large"],
    )
    def test_has_no_verdict_where_there_is_nothing_to_judge(
        self, registry: Registry, content: bytes
    ) -> None:
        with pytest.raises(CannotCheck):
            examine_file(content=content, now=registry.now)

    def test_unpacks_nothing_that_swells(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unpack(_: pikepdf.Object) -> bytes:
            raise AssertionError("it was unpacked")

        monkeypatch.setattr(pikepdf.Object, "read_bytes", unpack)
        with pytest.raises(CannotCheck, match="too long"):
            examine_file(content=swelling_pdf(), now=registry.now)

    @pytest.mark.parametrize(
        "text", ["", "a.b.c", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30.", "[].[].[]"]
    )
    def test_calls_a_document_malformed_that_is_none(self, registry: Registry, text: str) -> None:
        report = examine_file(content=text.encode(), now=registry.now)
        assert report.verdict.state is State.MALFORMED
