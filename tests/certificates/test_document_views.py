"""The addresses that signed documents name."""

import uuid

import pytest
from django.test import Client

from certificates.models import Securing
from signing import jws
from templates_app.models import Asset
from tests.factories.registry import Registry
from tests.factories.rows import (
    PIXEL,
)

HTML = {"accept": "text/html"}


class TestCredential:
    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("*/*", "text/plain"),
            ("text/plain", "text/plain"),
            ("application/vc+jwt", "application/vc+jwt"),
            ("application/jwt", "application/jwt"),
            ("application/ld+json", "text/plain"),
            ("text/html,*/*;q=0.1", "text/plain"),
        ],
    )
    def test_is_the_compact_jws(
        self, accept: str, content_type: str, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        response = client.get(f"/credentials/{certificate.pk}", headers={"accept": accept})
        assert response.content.decode() == Securing.objects.get().content
        assert response["Content-Type"].split(";")[0] == content_type
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Accept" in response["Vary"].split(", ")
        assert not response.cookies

    def test_is_where_the_credential_says(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        path = certificate.credential_url.removeprefix("http://testserver")
        etag = client.get(path)["ETag"]
        assert client.get(path, headers={"if-none-match": etag}).status_code == 304

    def test_is_still_there_when_revoked(self, registry: Registry, client: Client) -> None:
        assert client.get(f"/credentials/{registry.revoked().pk}").status_code == 200

    def test_is_not_there_for_another_id(self, db: None, client: Client) -> None:
        response = client.get(f"/credentials/{uuid.uuid4()}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


class TestStatus:
    def test_is_the_signed_list(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        path = certificate.status_list.url.removeprefix("http://testserver")
        response = client.get(path)
        assert response["Content-Type"] == "application/vc+jwt"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cache-Control"] == "public, max-age=60"
        parsed = jws.parse(response.content.decode(), limit=200_000)
        assert certificate.status_list.url.encode() in parsed.payload
        assert client.get(path + "9").status_code == 404


class TestAchievement:
    def test_is_json_for_programs_and_a_page_for_people(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(title="Data Analysis", criteria="Pass <all> units")
        path = f"/achievements/{certificate.course_version_id}"
        document = client.get(path)
        assert document["Content-Type"] == "application/ld+json"
        assert document["Access-Control-Allow-Origin"] == "*"
        assert document.json()["id"] == f"http://testserver{path}"
        assert document.json()["name"] == "Data Analysis"
        assert document.json()["criteria"] == {"narrative": "Pass <all> units"}
        page = client.get(path, headers=HTML).content.decode()
        assert "Pass &lt;all&gt; units" in page


class TestTenantProfile:
    def test_is_the_issuer_that_credentials_name(self, registry: Registry, client: Client) -> None:
        document = client.get("/tenants/harbourline").json()
        assert document["id"] == "did:web:testserver:tenants:harbourline"
        assert document["url"] == "https://harbourline.example"
        page = client.get("/tenants/harbourline", headers=HTML)
        assert "did:web:testserver:tenants:harbourline" in page.content.decode()
        assert client.get("/tenants/nobody").status_code == 404


class TestTenantMark:
    def test_is_kept_for_ever_under_its_hash(self, registry: Registry, client: Client) -> None:
        assert client.get("/tenants/harbourline/mark.png").status_code == 404
        Asset.objects.create(
            tenant=registry.tenant,
            name="mark",
            sha256="ab" * 32,
            content_type="image/png",
            width=1,
            height=1,
            content=PIXEL,
            created_at=registry.now,
        )
        page = client.get("/tenants/harbourline", headers=HTML).content.decode()
        address = "/tenants/harbourline/mark.png?v=abababababababab"
        assert f'src="{address}"' in page
        response = client.get(address)
        assert response.content == PIXEL
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert client.get("/tenants/harbourline/mark.png")["Cache-Control"] == "no-cache"
        assert client.get("/tenants/harbourline/mark.png?v=00").status_code == 404

    @pytest.mark.parametrize("asked", ["0", "\x00", "0" * 15 + "\x00", "A" * 16, "0" * 17])
    def test_is_nowhere_else(self, asked: str, registry: Registry, client: Client) -> None:
        slug = registry.tenant.slug
        assert client.get(f"/tenants/{slug}/mark.png", {"v": asked}).status_code == 404
