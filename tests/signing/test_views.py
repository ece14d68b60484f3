import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

import jwcrypto.jwk
import jwcrypto.jwt
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from signing import jwk, keyring, signer
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State
ADDRESSES = [
    "/.well-known/jwks.json",
    "/.well-known/did.json",
    "/tenants/harbour/jwks.json",
    "/tenants/harbour/did.json",
]

pytestmark = pytest.mark.urls("signing.urls")


class TestKeySet:
    def test_holds_public_members_only(self, client: Client, platform_key: SigningKey) -> None:
        response = client.get("/.well-known/jwks.json")

        assert response["Content-Type"] == "application/jwk-set+json"
        assert response.json() == {
            "keys": [
                {
                    **platform_key.public_jwk,
                    "kid": f"http://testserver/keys/{platform_key.thumbprint}",
                    "use": "sig",
                    "alg": "ES256",
                }
            ]
        }
        assert response.json()["keys"][0].keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}

    def test_is_enough_for_a_stranger_to_verify(
        self, client: Client, tenant: Tenant, make_key: MakeKey, now: datetime
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant)
        claims = {"iss": "did:web:testserver:tenants:harbour"}
        payload = json.dumps(claims).encode()
        [signed] = signer.sign(tenant=tenant, payloads=[payload], typ="JWT", now=now)
        published = client.get("/tenants/harbour/jwks.json").content.decode()
        token = jwcrypto.jwt.JWT(
            jwt=signed.compact, key=jwcrypto.jwk.JWKSet.from_json(published), algs=["ES256"]
        )

        assert json.loads(token.claims) == claims
        assert signed.kid not in client.get("/.well-known/jwks.json").content.decode()

    def test_names_a_key_once_under_every_address(
        self, client: Client, platform_key: SigningKey, settings: Any
    ) -> None:
        former = keyring.present_url(platform_key)
        settings.BASE_URL = "https://moved.example"
        keys = client.get("/.well-known/jwks.json").json()["keys"]

        assert [key["kid"] for key in keys] == [keyring.present_url(platform_key), former]
        assert keys[0]["x"] == keys[1]["x"]

    def test_drops_a_compromised_key(
        self, client: Client, platform_key: SigningKey, make_key: MakeKey, now: datetime
    ) -> None:
        lost = make_key(state=State.COMPROMISED, compromised_at=now)

        assert lost.thumbprint not in client.get("/.well-known/jwks.json").content.decode()
        assert lost.thumbprint not in client.get("/.well-known/did.json").content.decode()

    def test_takes_two_queries_however_many_keys(
        self, client: Client, make_key: MakeKey, django_assert_num_queries: Any
    ) -> None:
        for _ in range(5):
            make_key(state=State.VERIFY_ONLY)

        with django_assert_num_queries(2):
            client.get("/.well-known/jwks.json")

    def test_of_a_tenant_takes_one_query_more(
        self, client: Client, tenant: Tenant, make_key: MakeKey, django_assert_num_queries: Any
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant)

        with django_assert_num_queries(3):
            client.get("/tenants/harbour/jwks.json")


class TestSingleKey:
    @pytest.mark.parametrize("state", [State.NEXT, State.VERIFY_ONLY])
    def test_is_one_bare_jwk(self, state: State, client: Client, make_key: MakeKey) -> None:
        key = make_key(state=state)
        response = client.get(f"/keys/{key.thumbprint}")

        assert response["Content-Type"] == "application/jwk+json"
        assert response.json()["kid"] == f"http://testserver/keys/{key.thumbprint}"
        assert jwk.thumbprint(response.json()) == key.thumbprint

    def test_of_a_retired_key_keeps_its_first_address(
        self, client: Client, make_key: MakeKey, settings: Any
    ) -> None:
        key = make_key(state=State.DESTROYED, sealed_private=None)
        former = keyring.present_url(key)
        settings.BASE_URL = "https://moved.example"

        assert client.get(f"/keys/{key.thumbprint}").json()["kid"] == former

    def test_is_gone_once_compromised(
        self, client: Client, make_key: MakeKey, now: datetime
    ) -> None:
        key = make_key(state=State.COMPROMISED, compromised_at=now)
        response = client.get(f"/keys/{key.thumbprint}")

        assert response.status_code == HTTPStatus.GONE
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "no-store"
        assert response.json() == {
            "type": "about:blank",
            "title": "Gone",
            "status": 410,
            "detail": "This key has been compromised since 2026-03-01T12:00:00+00:00.",
        }

    @pytest.mark.parametrize("path", ["A" * 43, "x", "%00", "%ff", "%F0%9F%98%80", "'"])
    def test_is_not_found_where_none_was(self, path: str, client: Client, db: None) -> None:
        response = client.get(f"/keys/{path}")

        assert response.status_code == HTTPStatus.NOT_FOUND
        assert response.json()["title"] == "Not Found"

    def test_of_another_purpose_is_not_published_here(
        self, client: Client, make_key: MakeKey
    ) -> None:
        key = make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.SERVICE)

        assert client.get(f"/keys/{key.thumbprint}").status_code == HTTPStatus.NOT_FOUND


class TestDidDocument:
    def test_of_a_tenant_controls_its_keys(
        self, client: Client, tenant: Tenant, platform_key: SigningKey, settings: Any
    ) -> None:
        settings.BASE_URL = "http://localhost:8000"
        response = client.get("/tenants/harbour/did.json")
        did = "did:web:localhost%3A8000:tenants:harbour"
        method = f"{did}#{platform_key.thumbprint}"

        assert response["Content-Type"] == "application/did+json"
        assert response.json() == {
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/jwk/v1",
            ],
            "id": did,
            "verificationMethod": [
                {
                    "id": method,
                    "type": "JsonWebKey",
                    "controller": did,
                    "publicKeyJwk": {
                        **platform_key.public_jwk,
                        "kid": f"http://localhost:8000/keys/{platform_key.thumbprint}",
                        "use": "sig",
                        "alg": "ES256",
                    },
                }
            ],
            "assertionMethod": [method],
        }

    def test_of_the_platform_is_named_by_the_host(
        self, client: Client, db: None, settings: Any
    ) -> None:
        settings.BASE_URL = "https://school.example"

        assert client.get("/.well-known/did.json").json()["id"] == "did:web:school.example"


class TestEveryAddress:
    @pytest.fixture(params=[*ADDRESSES, "key"])
    def address(self, request: Any, tenant: Tenant, platform_key: SigningKey) -> str:
        if request.param == "key":
            return reverse("key", args=[platform_key.thumbprint])
        return str(request.param)

    def test_may_be_cached_and_read_by_anybody(self, address: str, client: Client) -> None:
        response = client.get(address)

        assert response.status_code == HTTPStatus.OK
        assert response["Cache-Control"] == (
            "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800"
        )
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies

    def test_answers_304_to_whoever_has_it(self, address: str, client: Client) -> None:
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"if-none-match": etag})

        assert etag.startswith('"')
        assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
        assert again["ETag"] == etag
        assert again["Access-Control-Allow-Origin"] == "*"
        assert "max-age=300" in again["Cache-Control"]

    def test_has_another_etag_once_the_keys_changed(
        self, address: str, client: Client, platform_key: SigningKey, settings: Any
    ) -> None:
        etag = client.get(address)["ETag"]
        settings.BASE_URL = "https://moved.example"

        response = client.get(address, headers={"if-none-match": etag})
        assert response.status_code == HTTPStatus.OK

    def test_answers_head_like_get(self, address: str, client: Client) -> None:
        assert client.head(address)["ETag"] == client.get(address)["ETag"]

    def test_lets_scripts_of_other_origins_ask(self, address: str, client: Client) -> None:
        response = client.options(
            address,
            headers={"origin": "https://x.example", "access-control-request-method": "GET"},
        )

        assert (response.status_code, response.content) == (HTTPStatus.NO_CONTENT, b"")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert response["Access-Control-Allow-Headers"] == "*"
        assert "Content-Type" not in response

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
    def test_is_only_read(self, method: str, address: str, client: Client) -> None:
        response = client.generic(method, address)

        assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert response["Content-Type"] == "application/problem+json"

    def test_tells_a_form_of_another_site_the_same(self, address: str) -> None:
        response = Client(enforce_csrf_checks=True).post(address)

        assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED

    @pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
    def test_without_a_database_is_not_said_to_be_absent(
        self, address: str, client: Client, failure: type[Exception]
    ) -> None:
        def away(*_: object) -> None:
            raise failure("the database is away")

        with connection.execute_wrapper(away):
            response = client.get(address)

        assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert response["Content-Type"] == "application/problem+json"
        assert response["Retry-After"] == "10"
        assert response["Cache-Control"] == "no-store"
        assert response["Access-Control-Allow-Origin"] == "*"


class TestUnknownTenant:
    @pytest.mark.parametrize("document", ["jwks", "did"])
    @pytest.mark.parametrize("slug", ["nobody", "HARBOUR"])
    def test_is_a_problem(self, document: str, slug: str, client: Client, tenant: Tenant) -> None:
        response = client.get(f"/tenants/{slug}/{document}.json")

        assert response.status_code == HTTPStatus.NOT_FOUND
        assert response["Content-Type"] == "application/problem+json"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response.json()["detail"] == "No issuer has this address."
