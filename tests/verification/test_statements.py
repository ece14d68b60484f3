"""Paper with a signed code: checked against the record, and where there is none."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from certificates import printing, revocation
from certificates.models import Certificate
from certificates.queries import securing_of, statement_of
from certificates.tokens import format_token
from signing import rotation
from signing.models import SigningKey
from templates_app.queries import source_of
from templates_app.rendering.drawing import render_pdf
from tenants.models import Tenant
from tests.certificates.thefts import LATER, platform_key, report, work
from tests.certificates.world import add_course, issued, issuing_tenant
from tests.factories.rows import NOW
from tests.signing.tokens import b64, unb64
from tests.templates_app.designs import layout, raster, text
from tests.verification.test_evidence import pdf_with
from tests.verification.test_verify_command import verify

__all__ = ["platform_key"]
pytestmark = pytest.mark.django_db
CODE = {"kind": "qr", "x": 20, "y": 80, "w": 42, "h": 42, "content": "signed"}
JSON = {"accept": "application/json"}
ARABIC = "".join("ابتثجحخدذرزسشصضطظعغفقكلمنهوي"[each % 28] for each in range(200))


@pytest.fixture
def tenant(db: None) -> Tenant:
    return issuing_tenant(layout=layout(text(lines=3, min_size=4), CODE))


@pytest.fixture
def key_set(tenant: Tenant, client: Client, tmp_path: Path) -> Callable[[], str]:
    """Return what fetches the tenant's key set into a file."""

    def fetch() -> str:
        path = tmp_path / "jwks.json"
        path.write_bytes(client.get(f"/tenants/{tenant.slug}/jwks.json").content)
        return str(path)

    return fetch


def printed(certificate: Certificate) -> Image.Image:
    """Return a certificate's page at 200 dots an inch."""
    pdf = render_pdf(
        design=source_of(certificate.template_version),
        values=printing.printed_values(Certificate.objects.get(pk=certificate.pk)),
        attachments={},
        language="en",
        issued_at=NOW,
    )
    return raster(pdf, dots_per_mm=200 / 25.4)


def photo_of(page: Image.Image, folder: Path) -> str:
    """Return the path of a photo that was taken askew, in poor light."""
    photo = page.convert("RGB").rotate(4, expand=True, fillcolor="#8a7f70")
    photo = photo.point([round(level * 0.7) + 20 for level in range(256)] * 3)
    photo.save(folder / "photo.jpg", quality=60)
    return str(folder / "photo.jpg")


def link_of(certificate: Certificate, statement: str = "") -> str:
    code = format_token(certificate.token)
    return f"http://testserver/verify/{code}#{statement or statement_of(certificate)}"


def offline(given: str, keys: str) -> tuple[int, str]:
    """Return exit status and words, with every question to the database refused."""
    with connection.execute_wrapper(_no_database):
        return verify(given, "--offline", "--jwks", keys)


def _no_database(*_: Any) -> Any:
    raise AssertionError("the database was asked")


def altered(statement: str) -> list[str]:
    """Return statements that each say something else, with the good one's signature."""
    head, body, signature = statement.split(".")
    claims, header = json.loads(unb64(body)), json.loads(unb64(head))
    others = {
        "jti": "01890f2e-7d3c-7cc0-98c4-dc0c0c07398f",
        "iss": "alnahr",
        "name": "Eve Other",
        "course": "Brain Surgery",
        "completed": "2027-02-27",
        "exp": 4102444800,
    }
    assert others.keys() >= claims.keys()
    changed = [
        f"{head}.{_json(claims | {each: other})}.{signature}" for each, other in others.items()
    ]
    fewer = [{key: value for key, value in claims.items() if key != gone} for gone in claims]
    changed += [f"{head}.{_json(each)}.{signature}" for each in fewer]
    changed += [f"{_json(header | {'typ': 'JWT'})}.{body}.{signature}"]
    flipped = bytes([unb64(signature)[0] ^ 1, *unb64(signature)[1:]])
    return [*changed, f"{head}.{body}.{b64(flipped)}"]


def _json(members: dict[str, Any]) -> str:
    return b64(json.dumps(members, separators=(",", ":")).encode())


class TestPhoto:
    @pytest.mark.parametrize("name", ["Siân Cadwaladr", "فاطمة الزهراء النجار", ARABIC])
    def test_of_paper_tells_what_was_signed_without_any_record(
        self, tenant: Tenant, key_set: Callable[[], str], tmp_path: Path, name: str
    ) -> None:
        photo, keys = photo_of(printed(issued(tenant, recipient_name=name)), tmp_path), key_set()
        status, words = offline(photo, keys)
        assert status == 0, words
        assert f"recipient_name: {name}\n" in words
        assert "achievement_name: First Aid at Work\n" in words
        assert "completed_at: 2026-02-27\n" in words
        assert "issuer: http://testserver/tenants/harbourline\n" in words
        assert "signature: passed" in words
        assert "status: not_checked" in words

    def test_of_paper_is_compared_with_the_record(self, tenant: Tenant, tmp_path: Path) -> None:
        certificate = issued(tenant)
        photo = photo_of(printed(certificate), tmp_path)
        status, words = verify(photo)
        assert (status, "result: issued" in words) == (0, True)
        assert "file: not_checked. A picture proves nothing by itself" in words
        revocation.revoke(
            certificate=certificate, reason=Certificate.Reason.FRAUD, note="", actor="x", now=NOW
        )
        assert verify(photo)[0] == 1

    def test_without_a_code_and_with_several_cannot_be_checked(
        self, tenant: Tenant, key_set: Callable[[], str], tmp_path: Path
    ) -> None:
        one, other = (printed(issued(tenant, event)) for event in ("e1", "e2"))
        both = Image.new("L", (one.width, 2 * one.height))
        both.paste(one, (0, 0))
        both.paste(other, (0, one.height))
        for picture, words in (
            (Image.new("L", (300, 300), 255), "shows no QR code"),
            (both, "2 QR codes"),
        ):
            picture.save(tmp_path / "p.png")
            for answer in (
                verify(str(tmp_path / "p.png")),
                offline(f"{tmp_path}/p.png", key_set()),
            ):
                assert (answer[0], words in answer[1]) == (2, True)

    def test_that_is_no_picture_cannot_be_checked(self, tenant: Tenant, tmp_path: Path) -> None:
        broken = tmp_path / "photo.jpg"
        broken.write_bytes(b"\xff\xd8\xff\xe0" + bytes(1000))
        status, words = verify(str(broken))
        assert (status, "cannot be read" in words) == (2, True)


class TestOffline:
    def test_takes_a_link_a_statement_and_the_signed_document(
        self, tenant: Tenant, key_set: Callable[[], str], tmp_path: Path
    ) -> None:
        certificate = issued(tenant)
        document = securing_of(certificate).content
        pdf, text_file = tmp_path / "certificate.pdf", tmp_path / "link.txt"
        pdf.write_bytes(pdf_with(content=document.encode()))
        text_file.write_text(f"{link_of(certificate)}\n")
        for given in (
            link_of(certificate), statement_of(certificate), document, str(pdf), str(text_file),
        ):  # fmt: skip
            status, words = offline(given, key_set())
            assert (status, "recipient_name: Ada Lovelace" in words) == (0, True), given

    def test_says_as_json_what_it_did_not_check(
        self, tenant: Tenant, key_set: Callable[[], str]
    ) -> None:
        certificate = issued(tenant)
        _, out = verify(link_of(certificate), "--offline", "--jwks", key_set(), "--json")
        document = json.loads(out)
        outcomes = {check["name"]: check["outcome"] for check in document["checks"]}
        assert (document["result"], document["in_force"]) == ("issued", None)
        assert outcomes == {"signature": "passed", "expiry": "passed"} | dict.fromkeys(
            ("status", "issuer", "file"), "not_checked"
        )
        assert document["certificate"]["certificate_id"] == str(certificate.pk)

    def test_refuses_every_member_that_was_altered(
        self, tenant: Tenant, key_set: Callable[[], str]
    ) -> None:
        certificate, keys = issued(tenant), key_set()
        for statement in altered(statement_of(certificate)):
            status, words = offline(link_of(certificate, statement), keys)
            assert (status, "Ada" in words) == (1, False), statement
            assert "signature: failed" in words

    def test_reads_a_day_that_has_passed(self, tenant: Tenant, key_set: Callable[[], str]) -> None:
        add_course(tenant, version_id="short", validity_days=1)
        certificate = issued(tenant, course_version_id="short", now=NOW - timedelta(days=900))
        status, words = offline(link_of(certificate), key_set())
        assert (status, "expiry: failed" in words) == (1, True)

    def test_outlives_the_key_that_signed(
        self, tenant: Tenant, platform_key: SigningKey, key_set: Callable[[], str]
    ) -> None:
        old, before = issued(tenant), key_set()
        assert offline(link_of(old), before)[0] == 0
        rotation.replace_active(
            tenant=None,
            purpose=SigningKey.Purpose.CREDENTIAL_JWS,
            trigger=SigningKey.Trigger.MANUAL,
            now=NOW,
        )
        new = issued(tenant, "evt-2", now=LATER)
        assert json.loads(unb64(statement_of(new).split(".")[0])) != json.loads(
            unb64(statement_of(old).split(".")[0])
        )
        status, words = offline(link_of(new), before)
        assert (status, "fetched before that key was made" in words) == (2, True)
        after = key_set()
        assert [offline(link_of(each), after)[0] for each in (old, new)] == [0, 0]

    def test_believes_no_stolen_key(
        self, tenant: Tenant, platform_key: SigningKey, key_set: Callable[[], str]
    ) -> None:
        certificate = issued(tenant)
        former = link_of(certificate)
        report(platform_key)
        work()
        keys = key_set()
        status, words = offline(former, keys)
        assert (status, "stolen and withdrawn" in words) == (2, True)
        assert offline(link_of(certificate), keys)[0] == 0
        assert verify(former)[0] == 0  # on record from before the theft

    @pytest.mark.parametrize(
        "content", ["", "[]", "{}", '{"keys": [1]}', '{"keys": [{"kid": 1}]}', "é"]
    )
    def test_names_a_key_set_that_is_none(
        self, tenant: Tenant, tmp_path: Path, content: str
    ) -> None:
        path = tmp_path / "keys.json"
        path.write_text(content, encoding="latin-1")
        status, words = offline(link_of(issued(tenant)), str(path))
        assert (status, words.startswith("keys.json: ")) == (2, True)

    def test_needs_something_signed_and_a_key_set(
        self, tenant: Tenant, key_set: Callable[[], str]
    ) -> None:
        certificate = issued(tenant)
        status, words = offline(format_token(certificate.token), key_set())
        assert (status, "Nothing is signed" in words) == (2, True)
        status, words = verify(link_of(certificate), "--offline")
        assert (status, words) == (2, "--offline and --jwks FILE go together")


class TestBox:
    def test_takes_a_link_with_its_statement(self, tenant: Tenant, client: Client) -> None:
        certificate = issued(tenant)
        for given in (
            link_of(certificate),
            statement_of(certificate),
            f" {link_of(certificate)}\n",
        ):
            answer = client.post("/verify", {"code": given}, headers=JSON)
            assert (answer.status_code, answer.json()["result"]) == (200, "issued")
            assert answer.json()["certificate"]["recipient_name"] == "Ada Lovelace"

    def test_calls_an_altered_statement_invalid(self, tenant: Tenant, client: Client) -> None:
        certificate = issued(tenant)
        good = statement_of(certificate)
        for statement in [*altered(good), good[:-1], good[1:], "x.y", good + "#" + good]:
            answer = client.post("/verify", {"code": link_of(certificate, statement)}, headers=JSON)
            assert (answer.status_code, answer.json()["result"]) == (400, "invalid"), statement
            assert "certificate" not in answer.json()

    def test_calls_anothers_statement_invalid(self, tenant: Tenant, client: Client) -> None:
        one, other = issued(tenant, "e1"), issued(tenant, "e2")
        answer = client.post(
            "/verify", {"code": link_of(one, statement_of(other))}, headers={"accept": "text/html"}
        )
        assert answer.status_code == 400
        assert "Ada" not in answer.content.decode()

    def test_takes_no_credential_for_a_statement(self, tenant: Tenant, client: Client) -> None:
        certificate = issued(tenant)
        given = link_of(certificate, securing_of(certificate).content)
        assert client.post("/verify", {"code": given}, headers=JSON).status_code == 400

    def test_fits_the_longest_statement(self, tenant: Tenant, client: Client) -> None:
        certificate = issued(tenant, recipient_name=ARABIC)
        page = client.get("/verify").content.decode()
        assert len(link_of(certificate)) < int(page.split('maxlength="')[1].split('"')[0])
