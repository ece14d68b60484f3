"""The learner's page in each state, and the files behind it."""

import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certificates.models import Completion
from certificates.tokens import format_token, new_token
from tests.certificates.shown import FILES, HTML, keep, page_of, path_of, render
from tests.factories.registry import Registry


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


class TestLearnerCertificate:
    def test_shows_the_picture_and_links_the_files_by_content(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title="Data Analysis")
        render(certificate)
        page = page_of(client, certificate)
        assert "This certificate is valid" in page
        assert "<title>" in page
        for name, (kind, content_type) in FILES.items():
            digest = hashlib.sha256(f"{kind} 1".encode()).hexdigest()[:16]
            address = f"{path_of(certificate)}/{digest}/{name}"
            assert f'"{address}' in page
            response = client.get(address)
            assert response.content == f"{kind} 1".encode()
            assert response["Content-Type"] == content_type
            assert response["Cache-Control"] == "private, max-age=31536000, immutable"
            assert not response.cookies

    def test_is_being_prepared_until_the_picture_is_there(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        response = client.get(path_of(certificate), headers=HTML)
        assert "The picture is being prepared" in response.content.decode()
        assert (response["Retry-After"], response["Refresh"]) == ("5", "5")
        assert "/credential.jws" in response.content.decode()
        render(certificate)
        assert "Refresh" not in client.get(path_of(certificate), headers=HTML)

    def test_is_there_before_the_certificate_is(self, registry: Registry, client: Client) -> None:
        completion = registry.completion("Ada Lovelace")
        address = f"/certificates/{format_token(completion.token)}"
        response = client.get(address, headers=HTML)
        assert response.status_code == 200
        assert "Your certificate is being prepared" in response.content.decode()
        assert response["Cache-Control"] == "no-store"
        assert response["Refresh"] == "5"
        Completion.objects.update(state="held")
        response = client.get(address, headers=HTML)
        assert "has something to settle first" in response.content.decode()
        assert "Refresh" not in response

    def test_says_why_a_picture_is_held_back(self, registry: Registry, client: Client) -> None:
        certificate = registry.held("recipient_name: the fonts lack U+674E.")
        page = page_of(client, certificate)
        assert "Recipient name: the fonts lack U+674E." in page
        assert "This certificate is valid" in page
        assert "certificate.pdf" not in page

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("revoked", "This certificate was withdrawn on 1 March 2026"),
            ("superseded", "Replaced by a newer certificate"),
            ("forged", "This certificate cannot be confirmed"),
        ],
    )
    def test_offers_no_file_of_one_that_does_not_stand(
        self, state: str, words: str, registry: Registry, client: Client
    ) -> None:
        made = {
            "revoked": registry.revoked,
            "superseded": lambda: registry.replaced()[0],
            "forged": registry.forged,
        }
        certificate = made[state]()
        render(certificate)
        page = page_of(client, certificate)
        assert words in page
        for word in ("certificate.pdf", "certificate.png", "credential.jws", "Ada Lovelace"):
            assert word not in page

    def test_says_expired(self, registry: Registry, client: Client) -> None:
        certificate = registry.expired()
        render(certificate)
        page = page_of(client, certificate)
        assert "This certificate was valid until" in page
        assert "This certificate is valid<" not in page
        assert "certificate.pdf" in page

    def test_links_linkedin_without_the_learners_name(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title="Data & Analysis")
        page = page_of(client, certificate)
        (link,) = re.findall(r'"(https://www\.linkedin\.com/[^"]+)"', page)
        values = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
        assert values == {
            "startTask": ["CERTIFICATION_NAME"],
            "name": ["Data & Analysis"],
            "organizationName": ["Harbourline Academy"],
            "issueYear": ["2026"],
            "issueMonth": ["3"],
            "certUrl": [f"http://testserver/verify/{format_token(certificate.token)}"],
            "certId": [format_token(certificate.token)],
        }

    @pytest.mark.parametrize("token", ["nothing", "0123-4567-89AB-CDEF-GHJK-MNPQ-RST6"])
    def test_is_not_there_for_a_code_that_is_none(
        self, token: str, db: None, client: Client
    ) -> None:
        for address in (token, new_token()):
            response = client.get(f"/certificates/{address}", headers=HTML)
            assert response.status_code == 404
            assert "There is nothing at this address" in response.content.decode()
            assert response["Cache-Control"] == "no-store"

    def test_takes_few_queries(
        self,
        registry: Registry,
        client: Client,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        with django_assert_num_queries(5):  # certificate, signed form, key, files, mark
            client.get(path_of(certificate), headers=HTML)


class TestSharing:
    def test_links_show_the_card_where_there_is_one(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title="Data Analysis")
        render(certificate)
        image = re.compile('property="og:image" content="http://testserver([^"]+)"')
        (picture,) = image.findall(page_of(client, certificate))
        assert picture.endswith("/certificate.png")
        keep(certificate, "card", b"card")
        (card,) = image.findall(page_of(client, certificate))
        assert client.get(card).content == b"card"
        assert card.endswith("/card.png")

    def test_small_screens_get_the_thumbnail(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        render(certificate)
        assert "srcset" not in page_of(client, certificate)
        keep(certificate, "thumbnail", b"small")
        (small,) = re.findall(r'srcset="(\S+) 640w, ', page_of(client, certificate))
        response = client.get(small)
        assert response.content == b"small"
        assert response["Content-Disposition"].startswith("inline")
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
