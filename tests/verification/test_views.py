"""Every row of the contract's verdict table, as a page and as JSON."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from certificates import queries
from certificates.models import Certificate, Securing
from certificates.tokens import format_token, new_token
from signing.models import SigningKey
from tests.factories.registry import Registry

JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}


def path_of(certificate: Certificate) -> str:
    return f"/verify/{format_token(certificate.token)}"


class Case:
    """One state: how to reach it, and what the contract says of it."""

    def __init__(self, make: str, status: int, result: str, headline: str, cached: bool) -> None:
        self.make, self.status, self.result = make, status, result
        self.headline, self.cached = headline, cached


CASES = [
    Case("in_force", 200, "issued", "This certificate is valid", cached=True),
    Case("expired", 200, "issued", "This certificate was valid until", cached=True),
    Case("revoked", 200, "revoked", "This certificate was withdrawn on 1 March 2026", cached=False),
    Case("superseded", 200, "revoked", "Replaced by a newer certificate", cached=False),
    Case("corrected", 200, "issued", "It was corrected on 1 March 2026", cached=True),
    Case("sample", 200, "issued", "Sample certificate \N{EN DASH} not a real award", cached=True),
    Case("pending", 404, "not_found", "We have no certificate with this code", cached=False),
    Case("unknown", 404, "not_found", "We have no certificate with this code", cached=False),
    Case("mistyped", 400, "invalid", "This code has a typing mistake", cached=False),
    Case("malformed", 400, "invalid", "This is not a certificate code", cached=False),
    Case("altered", 400, "invalid", "This certificate cannot be confirmed", cached=False),
    Case("foreign", 400, "invalid", "This certificate cannot be confirmed", cached=False),
    Case("compromised", 400, "invalid", "stolen on 28 February 2026", cached=False),
]


def sample(registry: Registry) -> str:
    registry.tenant.is_sample = True
    registry.tenant.save()
    return path_of(registry.issue())


def compromised(registry: Registry) -> str:
    certificate = registry.issue()
    SigningKey.objects.update(state="compromised", compromised_at=registry.now - timedelta(days=1))
    return path_of(certificate)


# How each state comes about, and the address that shows it.
REACH: dict[str, Callable[[Registry], str]] = {
    "in_force": lambda registry: path_of(registry.issue()),
    "expired": lambda registry: path_of(registry.expired()),
    "revoked": lambda registry: path_of(registry.revoked()),
    "superseded": lambda registry: path_of(registry.replaced()[0]),
    "corrected": lambda registry: path_of(registry.replaced()[1]),
    "sample": sample,
    "pending": lambda registry: f"/verify/{format_token(registry.completion().token)}",
    "unknown": lambda _: f"/verify/{new_token()}",
    "mistyped": lambda _: "/verify/0123-4567-89AB-CDEF-GHJK-MNPQ-RST6",
    "malformed": lambda _: "/verify/..%00<script>",
    "altered": lambda registry: path_of(registry.forged()),
    "foreign": lambda registry: path_of(registry.swapped()),
    "compromised": compromised,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make)
class TestPublicVerify:
    def test_answers_a_page(self, case: Case, registry: Registry, client: Client) -> None:
        response = client.get(REACH[case.make](registry), headers=HTML)
        assert response.status_code == case.status
        assert case.headline in response.content.decode()
        assert response.content.count(b"<h1>") == 1
        if case.make != "sample":
            assert b"Sample" not in response.content

    def test_answers_json(self, case: Case, registry: Registry, client: Client) -> None:
        path = REACH[case.make](registry)
        for address in (path, f"/api/v1{path}"):
            response = client.get(address, headers=JSON)
            verdict = response.json()
            assert response.status_code == case.status
            assert response["Content-Type"] == "application/json"
            assert response["Access-Control-Allow-Origin"] == "*"
            assert verdict["result"] == case.result
            assert [check["name"] for check in verdict["checks"]] == [
                "signature", "status", "expiry", "issuer", "file",
            ]  # fmt: skip
            known = case.result in {"issued", "revoked"}
            assert ("certificate" in verdict) is known
            assert ("issuer" in verdict) is known
            assert verdict.get("sample", False) is (case.make == "sample")

    def test_is_cached_as_the_contract_says(
        self, case: Case, registry: Registry, client: Client
    ) -> None:
        path = REACH[case.make](registry)
        for accept in (HTML, JSON):
            response = client.get(path, headers=accept)
            if case.cached:
                assert response["Cache-Control"] == "no-cache"
                again = client.get(path, headers={**accept, "if-none-match": response["ETag"]})
                assert (again.status_code, again.content) == (304, b"")
                assert again["Cache-Control"] == "no-cache"
                # A browser lays these headers over the page it kept: its style must still pass.
                policy = "Content-Security-Policy"
                assert again[policy] == response[policy]
            else:
                assert response["Cache-Control"] == "no-store"
                assert "ETag" not in response
            assert not response["ETag"].startswith("W/") if case.cached else True
            assert "Cookie" not in response["Vary"]

    def test_keeps_the_rules_of_public_pages(
        self, case: Case, registry: Registry, client: Client
    ) -> None:
        path = REACH[case.make](registry)
        for accept in (HTML, JSON):
            response = client.get(path, headers=accept)
            assert not response.cookies
            assert response["Referrer-Policy"] == "no-referrer"
            assert response["X-Robots-Tag"] == "noindex"
        page = client.get(path, headers=HTML).content
        assert len(page) <= 14 * 1024
        assert len(gzip.compress(page)) <= 5 * 1024
        assert re.findall(rb'<script src="([^"]+)"', page) == [b"/static/public/rum.js"]
        assert page.count(b"<script") == 1
        assert not re.search(rb'(?:src|href)="https?://(?!harbourline\.example|testserver)', page)


class TestVerdictDocument:
    def test_carries_what_was_signed(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue("Ada Lovelace", title="Data Analysis", validity_days=365)
        verdict = client.get(path_of(certificate), headers=JSON).json()
        assert verdict["in_force"] is True
        assert verdict["checked_at"] == "2026-03-01T12:00:00Z"
        assert verdict["certificate"] == {
            "credential_url": certificate.credential_url,
            "verify_url": f"http://testserver{path_of(certificate)}",
            "page_url": f"http://testserver/certificates/{format_token(certificate.token)}",
            "recipient_name": "Ada Lovelace",
            "achievement_name": "Data Analysis",
            "achievement_url": f"http://testserver/achievements/{certificate.course_version_id}",
            "achievement_version": "v0",
            "course_id": "Data Analysis-id",
            "language": "en",
            "grade": "",
            "completed_at": "2026-03-01T11:55:00Z",
            "issued_at": "2026-03-01T12:00:00Z",
            "expires_at": "2027-03-01T12:00:00Z",
            "corrected_at": None,
            "revoked_at": None,
            "revocation_reason": None,
            "superseded_by": None,
        }
        assert verdict["issuer"] == {
            "id": "did:web:testserver:tenants:harbourline",
            "name": "Harbourline Academy",
            "url": "https://harbourline.example",
            "domain": None,
        }
        securing = Securing.objects.get(certificate=certificate)
        assert verdict["kid"] == securing.kid
        assert verdict["kid_url"] == f"http://testserver/keys/{securing.kid}"

    def test_links_the_certificate_that_took_its_place(
        self, registry: Registry, client: Client
    ) -> None:
        old, new = registry.replaced()
        former = client.get(path_of(old), headers=JSON).json()["certificate"]
        present = client.get(path_of(new), headers=JSON).json()["certificate"]
        assert former["superseded_by"] == present["verify_url"]
        assert former["revocation_reason"] == "superseded"
        assert present["corrected_at"] == "2026-03-01T12:00:00Z"

    def test_gives_the_reason_but_never_the_note(self, registry: Registry, client: Client) -> None:
        certificate = registry.revoked(Certificate.Reason.FRAUD)
        verdict = client.get(path_of(certificate), headers=JSON)
        page = client.get(path_of(certificate), headers=HTML).content.decode()
        assert verdict.json()["certificate"]["revocation_reason"] == "fraud"
        assert "obtained by fraud" in page
        assert "never public" not in page + verdict.content.decode()
        assert "Ada Lovelace" not in page

    def test_is_what_was_signed_though_the_catalogue_changed(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title="Data Analysis")
        certificate.course_version.title = "Something else"
        certificate.course_version.save()
        assert "Something else" not in client.get(path_of(certificate)).content.decode()


class TestRevocation:
    def test_shows_at_once_to_whoever_has_the_page(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        etag = client.get(path_of(certificate))["ETag"]
        Certificate.objects.update(revoked_at=registry.now, revocation_reason="other")
        again = client.get(path_of(certificate), headers={"if-none-match": etag})
        assert again.status_code == 200
        assert "withdrawn" in again.content.decode()


class TestCompromisedKey:
    def test_leaves_good_what_it_signed_before(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        SigningKey.objects.update(
            state="compromised", compromised_at=registry.now + timedelta(hours=1)
        )
        assert client.get(path_of(certificate), headers=JSON).json()["result"] == "issued"


class TestChangedExpiry:
    def test_cannot_be_stretched_by_the_row(self, registry: Registry, client: Client) -> None:
        certificate = registry.expired()
        Certificate.objects.update(expires_at=None)
        assert client.get(path_of(certificate), headers=JSON).json()["in_force"] is False


class TestCouldNotCheck:
    @pytest.fixture(autouse=True)
    def _database_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(token: str) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(queries, "certificate_by_token", away)

    def test_is_never_a_verdict(self, client: Client) -> None:
        response = client.get(f"/verify/{new_token()}", headers=HTML)
        assert response.status_code == 503
        assert response["Retry-After"] == "10"
        assert response["Cache-Control"] == "no-store"
        assert "We could not finish the check" in response.content.decode()

    @pytest.mark.parametrize("prefix", ["", "/api/v1"])
    def test_is_a_problem_for_programs(self, prefix: str, client: Client) -> None:
        response = client.get(f"{prefix}/verify/{new_token()}", headers=JSON)
        assert response.status_code == 503
        assert response["Content-Type"] == "application/problem+json"
        assert response["Retry-After"] == "10"
        assert response.json()["status"] == 503
