"""Public pages speak the reader's language, and offer the others."""

import re

import pytest
from django.conf import settings
from django.test import Client

from certificates.models import Certificate
from certificates.tokens import format_token, new_token
from tests.factories.registry import Registry

HTML = {"accept": "text/html"}
LANGUAGES = [code for code, _ in settings.LANGUAGES]
VALID = {
    "en": "This certificate is valid",
    "de": "Dieses Zertifikat ist gültig",
    "es": "Este certificado es válido",
    "fr": "Ce certificat est valable",
    "ar": "هذه الشهادة صحيحة وسارية",
    "ja": "この証明書は有効です",
}


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue("Zoë Müller")


def get(client: Client, address: str, language: str) -> str:
    return client.get(address, headers={**HTML, "accept-language": language}).content.decode()


def offered(page: str) -> dict[str, str]:
    """Return the links of the switch, by language."""
    links = re.findall(r'<a href="([^"]*)"\s+hreflang="(\w+)"\s+lang="(\w+)">', page)
    assert all(one == other for _, one, other in links)
    return {language: address for address, language, _ in links}


@pytest.mark.parametrize("language", LANGUAGES)
class TestEachLanguage:
    def test_gives_the_verdict(self, language: str, certificate: Certificate) -> None:
        page = get(Client(), f"/verify/{format_token(certificate.token)}", language)
        assert VALID[language] in page
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in page

    def test_says_nothing_in_english(self, language: str, certificate: Certificate) -> None:
        code = format_token(certificate.token)
        if language == "en":
            return
        for address in ("/", f"/verify/{code}", f"/certificates/{code}", "/verify/x", "/nothing"):
            page = get(Client(), address, language)
            for english in ("certificate", "Check", "Issued", "valid"):
                words = re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page))
                assert not re.search(rf"\b{english}\b", words), (address, english)

    def test_is_offered_by_every_page_of_the_others(
        self, language: str, certificate: Certificate
    ) -> None:
        code, unknown = format_token(certificate.token), format_token(new_token())
        others = set(LANGUAGES) - {language}
        for address in (
            "/", "/verify", "/nothing/here", "/verify/x", f"/verify/{code}", f"/verify/{unknown}",
            f"/certificates/{code}", f"/tenants/{certificate.tenant.slug}",
        ):  # fmt: skip
            page = get(Client(), address, language)
            links = offered(page)
            assert set(links) == others, address
            assert page.count('aria-current="true"') == 1
            for other, link in links.items():
                there = link if link.startswith("/") else address + link
                assert there.partition("?")[0] == address
                assert f'<html lang="{other}"' in get(Client(), there, language)


class TestTheBox:
    def test_keeps_an_unknown_code_when_the_language_is_changed(
        self, client: Client, db: None
    ) -> None:
        code = format_token(new_token())
        page = client.post("/verify", {"code": code}, headers=HTML).content.decode()
        assert offered(page)["ja"] == f"/verify/{code}?lang=ja"

    def test_leads_no_forged_document_to_the_page_of_the_real_one(
        self, client: Client, registry: Registry
    ) -> None:
        code = format_token(registry.forged().token)
        page = client.post("/verify", {"code": code}, headers=HTML).content.decode()
        assert offered(page)["ja"] == "?lang=ja"


class TestOperators:
    def test_read_english_unless_the_address_says_otherwise(self, client: Client, db: None) -> None:
        page = get(client, "/admin/login/", "de")
        assert 'lang="en' in page
        assert "Anmelden" not in page
        assert 'lang="ar"' in get(client, "/admin/login/?lang=ar", "de")
