"""What every public answer carries, and what none does."""

from typing import Any

import pytest
from django.test import Client

from certificates import revocation
from certificates.models import Certificate
from certificates.tokens import format_token
from tests.factories.registry import Registry

HTML = {"accept": "text/html"}
COOKIES = "sessionid=bad; csrftoken=bad; messages=bad; django_language=ar"
NO_LANGUAGE = [
    "/.well-known/jwks.json",
    "/.well-known/did.json",
    "/tenants/{slug}/jwks.json",
    "/tenants/{slug}/did.json",
    "/keys/{kid}",
    "/status/{slug}/1",
    "/credentials/{id}",
    "/certificates/{code}/credential.jws",
    "/api/v1/verify/{code}",
]
PAGES = ["/", "/verify", "/verify/{code}", "/certificates/{code}", "/tenants/{slug}", "/nothing"]


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue()


def path(pattern: str, certificate: Certificate) -> str:
    return pattern.format(
        slug=certificate.tenant.slug,
        id=certificate.pk,
        code=format_token(certificate.token),
        kid=certificate.securings.get().kid,
    )


@pytest.mark.parametrize("pattern", [*NO_LANGUAGE, *PAGES])
class TestEveryAnswer:
    def test_is_guarded_and_sets_no_cookie_whatever_was_sent(
        self, pattern: str, certificate: Certificate, client: Client
    ) -> None:
        sent = {**HTML, "cookie": COOKIES}
        for call in (client.get, client.head, client.post):
            response: Any = call(path(pattern, certificate), headers=sent)
            assert not response.cookies
            assert "Cookie" not in response.get("Vary", "")
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Referrer-Policy"] == "no-referrer"
            assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("pattern", NO_LANGUAGE)
def test_what_is_in_no_language_does_not_vary_by_it(
    pattern: str, certificate: Certificate, client: Client
) -> None:
    response = client.get(path(pattern, certificate), headers={"accept-language": "ar"})
    assert response.status_code == 200
    assert "Content-Language" not in response
    assert "Accept-Language" not in response.get("Vary", "")


@pytest.mark.parametrize("pattern", PAGES)
def test_pages_say_their_language(pattern: str, certificate: Certificate, client: Client) -> None:
    response = client.get(path(pattern, certificate), headers={**HTML, "accept-language": "ar"})
    assert response["Content-Language"] == "ar"
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_kept_verdict_is_not_good_any_more_once_revoked(
    accept: str, registry: Registry, certificate: Certificate, client: Client
) -> None:
    address = path("/verify/{code}", certificate)
    kept = client.get(address, headers={"accept": accept})["ETag"]
    again = {"accept": accept, "if-none-match": kept}
    assert client.get(address, headers=again).status_code == 304
    revocation.revoke(
        certificate=certificate,
        reason=Certificate.Reason.FRAUD,
        actor="service:test",
        now=registry.now,
    )
    response = client.get(address, headers=again)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response


def test_a_body_that_is_too_large_is_a_413(db: None, client: Client) -> None:
    for accept, kind in (("text/html", "text/html"), ("*/*", "application/problem+json")):
        response = client.post(
            "/verify",
            b"code=" + b"0" * 6_000_000,
            content_type="application/x-www-form-urlencoded",
            headers={"accept": accept},
        )
        assert response.status_code == 413
        assert response["Content-Type"].startswith(kind)
