"""Issuer profiles."""

import pytest

from tenants.issuer_profile import issuer_did, issuer_profile


class TestIssuerDid:
    @pytest.mark.parametrize(
        ("base_url", "did"),
        [
            ("https://certs.example", "did:web:certs.example:tenants:quill"),
            ("http://localhost:8000", "did:web:localhost%3A8000:tenants:quill"),
            ("https://Certs.Example", "did:web:certs.example:tenants:quill"),
        ],
    )
    def test_writes_host_and_port(self, base_url: str, did: str) -> None:
        assert issuer_did(base_url=base_url, slug="quill") == did


class TestIssuerProfile:
    def test_is_an_open_badges_profile(self) -> None:
        assert issuer_profile(
            base_url="https://certs.example",
            slug="quill",
            name="Quillon Academy",
            website="https://quillon.example",
            email="post@quillon.example",
        ) == {
            "id": "did:web:certs.example:tenants:quill",
            "type": ["Profile"],
            "name": "Quillon Academy",
            "url": "https://quillon.example",
            "email": "post@quillon.example",
        }

    def test_has_an_address_and_no_empty_member_when_little_is_known(self) -> None:
        profile = issuer_profile(
            base_url="https://certs.example", slug="quill", name="Q", website="", email=""
        )
        assert profile["url"] == "https://certs.example/tenants/quill"
        assert "email" not in profile
