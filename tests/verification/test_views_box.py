"""The box for a code, a link or a file."""

import gzip
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from certificates.credential.baking import bake
from certificates.queries import securing_of
from certificates.tokens import format_token
from tests.factories.registry import Registry
from tests.factories.rows import PIXEL
from tests.verification import paper
from verification import opening, uploads

JSON = {"accept": "application/json"}


@pytest.mark.django_db
class TestVerifyBox:
    def test_asks_for_a_code(self, client: Client) -> None:
        for address in ("/", "/verify"):
            response = client.get(address)
            assert response.status_code == 200
            assert b'name="code"' in response.content
            assert not response.cookies

    @pytest.mark.parametrize(
        "form",
        [
            "{code}",
            " {lower} ",
            "http://testserver/verify/{code}",
            "http://testserver/certificates/{code}?lang=ar",
            "http://testserver/certificates/{code}/certificate.pdf",
            "testserver/verify/{code}#top",
            "HTTP://TestServer/verify/{code}",
        ],
    )
    def test_takes_a_code_however_it_is_written(
        self, form: str, registry: Registry, client: Client
    ) -> None:
        code = format_token(registry.issue().token)
        entered = form.format(code=code, lower=code.lower().replace("-", " "))
        response = client.post("/verify", {"code": entered}, headers=JSON)
        assert response.json()["result"] == "issued"

    def test_takes_a_link_of_the_origin_it_was_issued_under(
        self, registry: Registry, client: Client, settings: Any
    ) -> None:
        code = format_token(registry.issue().token)
        settings.BASE_URL = "https://moved.example"
        old = client.post("/verify", {"code": f"http://testserver/verify/{code}"}, headers=JSON)
        assert old.json()["result"] == "issued"

    def test_refuses_a_link_to_somewhere_else(self, registry: Registry, client: Client) -> None:
        code = format_token(registry.issue().token)
        response = client.post("/verify", {"code": f"https://evil.example/verify/{code}"})
        assert response.status_code == 400
        assert "This is not a certificate code" in response.content.decode()

    @pytest.mark.parametrize("entered", ["", "x" * 5000, "\x00", "//[", "😀 \u202e"])
    def test_survives_anything(self, entered: str, client: Client) -> None:
        response = client.post("/verify", {"code": entered})
        assert response.status_code == 400

    def test_keeps_what_was_entered(self, client: Client) -> None:
        response = client.post("/verify", {"code": '"><script>alert(1)</script>'})
        assert b"&quot;&gt;&lt;script&gt;" in response.content
        assert b"<script>" not in response.content


def put(client: Client, content: bytes, *, name: str = "given", code: str = "", **more: Any) -> Any:
    """Put a file into the box."""
    file = SimpleUploadedFile(name, content, content_type=more.pop("kind", "application/pdf"))
    return client.post("/verify", {"code": code, "file": file}, **more)


@pytest.mark.django_db
class TestFile:
    def test_gets_the_same_verdict_as_page_and_as_json(
        self, registry: Registry, client: Client
    ) -> None:
        content = securing_of(registry.issue()).content.encode()
        document = put(client, content, headers=JSON).json()
        assert (document["result"], document["in_force"]) == ("issued", True)
        page = put(client, content)
        assert page.status_code == 200
        assert "This certificate is valid" in page.content.decode()
        assert "The file is the one that was issued." in page.content.decode()
        assert not page.cookies

    def test_is_what_it_holds_and_not_what_it_is_called(
        self, registry: Registry, client: Client
    ) -> None:
        content = securing_of(registry.issue()).content.encode()
        for name, kind in (("x.png", "image/png"), ("x", ""), ("../../x.pdf", "text/html")):
            response = put(client, content, name=name, kind=kind, headers=JSON)
            assert response.json()["result"] == "issued"

    def test_that_differs_is_laid_beside_what_was_signed(
        self, registry: Registry, client: Client
    ) -> None:
        paper.use_design(registry)
        certificate = registry.issue("Ada Lovelace")
        paper.print_out(registry, certificate)
        name = "<script>alert(1)</script>"
        forged = paper.forged_print(registry, certificate, recipient_name=name)
        response = put(client, forged, headers=JSON)
        assert response.status_code == 400
        document = response.json()
        assert document["result"] == "invalid"
        assert "certificate" not in document
        rows = {row["name"]: row for row in document["comparison"]}
        assert rows["recipient_name"]["signed"] == "Ada Lovelace"
        assert rows["recipient_name"]["printed"] == name
        assert rows["recipient_name"]["outcome"] == "failed"
        assert rows["verify_code"]["outcome"] == "passed"
        page = put(client, forged)
        text = page.content.decode()
        assert page.status_code == 400
        assert "differs" in text
        assert "&lt;script&gt;alert(1)" in text
        assert "alert(1)</script>" not in text
        assert f"/verify/{format_token(certificate.token)}" in text
        assert len(gzip.compress(page.content)) <= 14 * 1024

    def test_may_be_refused_and_what_was_entered_stays(
        self, registry: Registry, client: Client
    ) -> None:
        for content, status in (
            (b"", 400),
            (b"PK\x03\x04" + bytes(9), 415),
            (paper.locked(paper.letter("x")), 400),
            (b"%PDF-1.7", 400),
        ):
            name = '"><script>alert(1)</script>.pdf'
            page = put(client, content, name=name, code="0123-4567")
            assert page.status_code == status
            text = page.content.decode()
            assert "This cannot be checked" in text
            assert 'value="0123-4567"' in text
            assert "alert(1)" not in text
            assert page["Cache-Control"] == "no-store"
            problem = put(client, content, headers=JSON)
            assert problem.status_code == status
            assert problem["Content-Type"] == "application/problem+json"
            assert "result" not in problem.json()

    def test_without_one_the_code_counts(self, registry: Registry, client: Client) -> None:
        code = format_token(registry.issue().token)
        response = client.post(
            "/verify",
            data=(
                '--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n'
                f'{code}\r\n--x\r\nContent-Disposition: form-data; name="file"; '
                'filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n'
            ),
            content_type="multipart/form-data; boundary=x",
            headers=JSON,
        )
        assert response.json()["result"] == "issued"

    def test_is_refused_by_its_announced_length_before_it_is_read(self, client: Client) -> None:
        class Unread(BytesIO):
            def read(self, *_: Any) -> bytes:
                raise AssertionError("it was read")

        unread: dict[str, Any] = {"wsgi.input": Unread()}
        for accept in ("text/html", "application/json"):
            response = client.generic(
                "POST",
                "/verify",
                content_type="multipart/form-data; boundary=x",
                CONTENT_LENGTH=str(50_000_000),
                headers={"accept": accept},
                **unread,
            )
            assert response.status_code == 413
            assert "larger than 10 MB" in response.content.decode()

    def test_is_refused_while_it_is_read_whatever_was_announced(
        self, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.VERIFY_FILE_LIMIT = 1000
        monkeypatch.setattr(uploads, "_FORM", 10_000_000)
        assert put(client, bytes(200_000)).status_code == 413

    def test_leaves_nothing_behind(
        self,
        registry: Registry,
        client: Client,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        name = "Planted Name"
        content = paper.letter(name, format_token(registry.issue(name).token))
        assert put(client, content, name="planted.pdf").status_code == 200
        assert put(client, bytes(3_000_000) + b"x").status_code == 415
        assert list(tmp_path.iterdir()) == []
        told = "".join(capfd.readouterr())
        assert "planted" not in told.lower()

    def test_waits_for_no_crowd(
        self, registry: Registry, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "_PATIENCE", 0.0)
        for _ in range(2):
            opening._AT_ONCE.acquire()
        try:
            response = put(client, b"a.b.c", headers=JSON)
        finally:
            opening._AT_ONCE.release(2)
        assert (response.status_code, "Retry-After" in response) == (503, True)


@pytest.mark.once
class TestAgreement:
    def test_command_and_box_say_the_same_of_every_file(
        self, registry: Registry, client: Client, tmp_path: Path
    ) -> None:
        paper.use_design(registry)
        certificate = registry.issue()
        paper.print_out(registry, certificate)
        compact = securing_of(certificate).content
        issued = paper.issued_file(certificate)
        files = {
            "issued": issued,
            "anew": paper.rewritten(issued),
            "forged": paper.overlaid(issued, b"BT /Over 9 Tf 80 500 Td (PhD) Tj ET"),
            "badge": bake(PIXEL, compact),
            "signed": compact.encode(),
            "json": json.dumps({"id": "https://elsewhere.example/1"}).encode(),
            "photo": paper.photo_of(f"http://testserver/verify/{certificate.token}"),
            "link": b"http://testserver/verify/" + certificate.token.encode(),
            "elsewhere": b"https://elsewhere.example/verify/x",
            "locked": paper.locked(issued),
            "nothing": paper.letter("x"),
            "empty": b"",
        }
        told = {name: (box(client, file), command(tmp_path, file)) for name, file in files.items()}
        assert {name for name, (one, other) in told.items() if one != other} == set()
        assert len({json.dumps(one) for one, _ in told.values()}) > 8


def box(client: Client, content: bytes) -> Any:
    response = put(client, content, headers=JSON)
    document = response.json()
    if "result" not in document:
        return document["detail"]
    return document


def command(folder: Path, content: bytes) -> Any:
    path = folder / "given.pdf"
    path.write_bytes(content)
    out = StringIO()
    try:
        call_command("verify", str(path), "--json", stdout=out)
    except CommandError as error:
        if not out.getvalue():
            return str(error)
    return json.loads(out.getvalue())
