"""What a holder shares with whom: on the page, in files, frames, documents and verdicts."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from certificates import queries, reissue, sharing
from certificates.models import Certificate, Sharing
from certificates.tokens import format_token
from tests.certificates.shown import HTML, keep, page_of, path_of, render
from tests.factories.registry import Registry

Visibility = Certificate.Visibility


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    certificate = registry.issue("Ada Lovelace", title="Data Analysis")
    render(certificate)
    keep(certificate, "thumbnail", b"small")
    return certificate


def share(registry: Registry, certificate: Certificate, visibility: str) -> None:
    sharing.share(certificate=certificate, visibility=Visibility(visibility), now=registry.now)


def addresses_of(certificate: Certificate) -> list[str]:
    """Everything that shows a certificate or whose it is."""
    path, digest = path_of(certificate), certificate.securings.get().sha256[:16]
    return [
        path,
        f"{path}/certificate.pdf",
        f"{path}/certificate.png",
        f"{path}/credential.jws",
        f"{path}/{digest}/credential.jws",
        f"{path}/qr.svg",
        f"/credentials/{certificate.pk}",
    ]


class TestPrivate:
    def test_hides_page_and_files_until_it_is_shared_again(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        for address in addresses_of(certificate):
            assert client.get(address).status_code == 200, address
        share(registry, certificate, "private")
        unknown = client.get("/certificates/0000-0000-0000-0000-0000-0000-001Y", headers=HTML)
        for address in addresses_of(certificate):
            response = client.get(address, headers=HTML)
            assert response.status_code == 404, address
            assert response.content == unknown.content, "nothing tells it from what never was"
        share(registry, certificate, "unlisted")
        assert client.get(path_of(certificate), headers=HTML).status_code == 200

    def test_leaves_a_verdict_without_the_person(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        share(registry, certificate, "private")
        address = f"/verify/{format_token(certificate.token)}"
        page = client.get(address, headers=HTML)
        assert page.status_code == 200
        assert "This certificate is valid" in page.content.decode()
        assert "Its holder does not share the name" in page.content.decode()
        for word in ("Ada Lovelace", "credentials/", "Open the certificate"):
            assert word not in page.content.decode()
        verdict = client.get(address, headers={"accept": "application/json"}).json()
        assert (verdict["result"], verdict["in_force"], verdict["private"]) == (
            "issued",
            True,
            True,
        )
        assert verdict["certificate"]["recipient_name"] is None
        assert verdict["certificate"]["page_url"] is None
        assert verdict["certificate"]["achievement_name"] == "Data Analysis"
        assert "Lovelace" not in str(verdict)

    def test_names_the_person_where_the_tenant_says_so(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        share(registry, certificate, "private")
        registry.tenant.names_private = True
        registry.tenant.save()
        address = f"/verify/{format_token(certificate.token)}"
        verdict = client.get(address, headers={"accept": "application/json"}).json()
        assert verdict["certificate"]["recipient_name"] == "Ada Lovelace"
        assert verdict["certificate"]["page_url"] is None

    def test_passes_on_to_the_certificate_that_corrects_it(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        share(registry, certificate, "private")
        new = reissue.reissue(
            certificate=certificate,
            recipient_name="Ada King",
            reason="married",
            actor="service:test",
            now=registry.now,
        )
        assert client.get(path_of(new), headers=HTML).status_code == 404
        plain = registry.replaced()[1]
        assert plain.visibility is Visibility.UNLISTED
        assert not Sharing.objects.filter(certificate=plain).exists()


class TestPublic:
    def test_lets_search_engines_list_the_page_and_nothing_else(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        assert '<meta name="robots" content="noindex">' in page_of(client, certificate)
        share(registry, certificate, "public")
        response = client.get(path_of(certificate), headers=HTML)
        assert "noindex" not in response.content.decode()
        assert "X-Robots-Tag" not in response
        assert '<link rel="canonical" href="http://testserver/certificates/' in (
            response.content.decode()
        )
        for address in (*addresses_of(certificate)[1:], f"/verify/{certificate.token}"):
            assert client.get(address)["X-Robots-Tag"] == "noindex", address

    def test_is_never_so_for_a_sample(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        share(registry, certificate, "public")
        registry.tenant.is_sample = True
        registry.tenant.save()
        assert client.get(path_of(certificate), headers=HTML)["X-Robots-Tag"] == "noindex"


class TestEmbed:
    def address(self, certificate: Certificate) -> str:
        return f"/embed/{format_token(certificate.token)}"

    def test_may_be_framed_anywhere_and_runs_nothing(
        self, certificate: Certificate, client: Client
    ) -> None:
        response = client.get(self.address(certificate))
        policy = response["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "script-src 'none'" in policy
        assert "X-Frame-Options" not in response
        assert "<script" not in response.content.decode()
        assert not response.cookies
        card = response.content.decode()
        for word in (
            "Ada Lovelace",
            "Data Analysis",
            "Harbourline Academy",
            "is valid",
            "/verify/",
        ):
            assert word in card
        (picture,) = re.findall(r'<img class="paper"\s+src="([^"]+)"', card)
        assert client.get(picture).content == b"small"
        kept = {"if-none-match": response["ETag"]}
        again = client.get(self.address(certificate), headers=kept)
        assert again.status_code == 304
        assert "frame-ancestors *" in again["Content-Security-Policy"]
        assert "X-Frame-Options" not in again

    def test_other_pages_may_not(self, certificate: Certificate, client: Client) -> None:
        response = client.get(path_of(certificate), headers=HTML)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            ("revoked", "This certificate was withdrawn on 1 March 2026"),
            ("forged", "This certificate cannot be confirmed"),
        ],
    )
    def test_names_nobody_when_it_does_not_stand(
        self, make: str, words: str, registry: Registry, client: Client
    ) -> None:
        certificate = getattr(registry, make)()
        response = client.get(self.address(certificate))
        assert words in response.content.decode()
        assert "Ada" not in response.content.decode()
        assert response["Cache-Control"] == "no-store"

    def test_says_the_same_of_a_private_one_as_of_none(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        share(registry, certificate, "private")
        hidden = client.get(self.address(certificate))
        assert hidden.status_code == 404
        for other in ("0000-0000-0000-0000-0000-0000-001Y", "nothing"):
            response = client.get(f"/embed/{other}")
            assert (response.status_code, response.content) == (404, hidden.content)
            assert "frame-ancestors *" in response["Content-Security-Policy"]

    def test_is_offered_with_words_that_are_only_words(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title='Data "& <Analysis>')
        render(certificate)
        page = page_of(client, certificate)
        assert "&lt;iframe src=&quot;http://testserver/embed/" in page
        assert "Data &amp;quot;&amp;amp; &amp;lt;Analysis&amp;gt;" in page


class TestQrCode:
    def test_says_the_verify_link(self, certificate: Certificate, client: Client) -> None:
        response = client.get(f"{path_of(certificate)}/qr.svg")
        assert response["Content-Type"] == "image/svg+xml"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.content.startswith(b"<svg")


class TestChanges:
    def test_are_told_to_other_hosts(self, registry: Registry, certificate: Certificate) -> None:
        before = queries.changes(since=registry.now)
        share(registry, certificate, "private")
        assert queries.changes(since=registry.now) != before
        assert queries.changed_tokens(since=registry.now, limit=5) == [certificate.token]

    def test_are_of_a_kind_that_is_known(self, certificate: Certificate) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Sharing.objects.create(
                certificate=certificate, visibility="secret", changed_at=certificate.issued_at
            )
