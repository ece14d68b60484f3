"""The signing token is away: what needs no signature goes on, the rest waits and loses nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from certificates.models import Certificate
from signing import custody, rotation
from signing.models import KeyAddress, SigningKey
from tenants import onboarding
from tenants.api_keys import Scope
from tests.factories.registry import Registry, registry
from tests.softhsm import Hsm

__all__ = ["registry"]


@pytest.fixture
def certificate(hsm: Hsm, registry: Registry) -> Certificate:
    """A certificate that a key inside the token signed."""
    KeyAddress.objects.all().delete()
    SigningKey.objects.all().delete()
    rotation.ensure_first_key(now=registry.now)
    assert SigningKey.objects.get().custody == "pkcs11"
    return registry.issue()


@pytest.fixture
def api(registry: Registry) -> Client:
    _, text = onboarding.create_api_key(
        tenant=registry.tenant, name="all", scopes=list(Scope), now=registry.now
    )
    return Client(headers={"Authorization": f"Bearer {text}"})


def verdict(certificate: Certificate) -> str:
    response = Client().get(f"/verify/{certificate.token}", headers={"Accept": "application/json"})
    assert response.status_code == 200
    result: str = response.json()["result"]
    return result


class TestTokenAway:
    def test_certificates_still_verify(self, hsm: Hsm, certificate: Certificate) -> None:
        hsm.unplug()

        assert verdict(certificate) == "issued"
        assert Client().get("/.well-known/jwks.json").json()["keys"]

    def test_a_withdrawal_waits_and_changes_nothing_halfway(
        self, hsm: Hsm, certificate: Certificate, api: Client
    ) -> None:
        address = f"/api/v1/certificates/{certificate.pk}/revoke"
        body = {"reason": "issued_in_error"}
        hsm.unplug()
        refused = api.post(address, body, content_type="application/json")
        certificate.refresh_from_db()

        assert (refused.status_code, refused["Retry-After"]) == (503, "60")
        assert refused.json()["title"] == "This cannot be signed just now"
        assert hsm.module not in refused.content.decode()
        assert certificate.revoked_at is None
        assert verdict(certificate) == "issued"

        hsm.plug_in()
        assert api.post(address, body, content_type="application/json").status_code == 200
        assert verdict(certificate) == "revoked"

    def test_status_lists_are_served_until_their_own_end(
        self,
        hsm: Hsm,
        certificate: Certificate,
        registry: Registry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        path = certificate.status_list.url.removeprefix("http://testserver")
        signed = Client().get(path).content
        hsm.unplug()

        def at(days: int) -> tuple[int, bytes]:
            monkeypatch.setattr(
                "django.utils.timezone.now", lambda: registry.now + timedelta(days=days)
            )
            response = Client().get(path, headers={"Accept": "application/vc+jwt"})
            return response.status_code, response.content

        assert at(6) == (200, signed)
        assert at(8)[0] == 503
        hsm.plug_in()
        assert at(8)[0] == 200

    def test_what_could_not_be_issued_is_issued_afterwards(
        self, hsm: Hsm, certificate: Certificate, registry: Registry
    ) -> None:
        hsm.unplug()
        with pytest.raises(custody.CannotOpen, match="PKCS11_TOKEN"):
            registry.issue("Grace Hopper")
        assert Certificate.objects.count() == 1
        hsm.plug_in()

        assert verdict(registry.issue("Grace Hopper")) == "issued"

    def test_a_token_that_is_set_no_longer_is_answered_alike(
        self, certificate: Certificate, api: Client, settings: Settings, registry: Registry
    ) -> None:
        settings.PKCS11_MODULE = ""
        response = api.post(
            f"/api/v1/certificates/{certificate.pk}/revoke",
            {"reason": "issued_in_error"},
            content_type="application/json",
        )

        assert response.status_code == 503
        assert "PKCS11_MODULE" not in response.content.decode()
