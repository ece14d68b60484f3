"""The OpenAPI document names every route, and answers are as it says."""

import re
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from certificates import ownership
from certificates.api import answers
from tests.certificates.api.calls import Platform, completion
from tests.certificates.world import issued, issuing_tenant


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def routes(resolver: Any, prefix: str = "/") -> list[str]:
    found: list[str] = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += [] if route == "/admin/" else routes(entry, route)
        elif isinstance(entry, URLPattern):
            found.append(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route))
    return found


def holds(schema: dict[str, Any], answer: Any) -> None:
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(answer)


class TestDocument:
    def test_is_valid(self, document: dict[str, Any]) -> None:
        validate_schema(document)

    def test_names_every_route_and_no_other(self, document: dict[str, Any]) -> None:
        assert sorted(document["paths"]) == sorted(set(routes(get_resolver())))

    def test_gives_every_operation_its_own_id(self, document: dict[str, Any]) -> None:
        ids = [o["operationId"] for path in document["paths"].values() for o in path.values()]
        assert len(ids) == len(set(ids))

    def test_every_call_of_a_platform_needs_a_key(self, document: dict[str, Any]) -> None:
        for path, operations in document["paths"].items():
            if path.startswith("/api/v1/") and not path.startswith("/api/v1/verify"):
                assert all("ApiKey" in str(o["security"]) for o in operations.values()), path

    @pytest.mark.django_db
    def test_is_served(self) -> None:
        response = Client().get("/api/schema/")
        assert response.status_code == 200
        assert b"/api/v1/completions" in response.content


@pytest.mark.django_db
class TestAnswers:
    def test_of_completions(self) -> None:
        platform = Platform(issuing_tenant())
        one = platform.post("completions", completion()).json()
        holds(answers.RECEIPT, one)
        many = [completion("evt-1"), completion("x", completed_at="never"), 7, completion("evt-2")]
        holds(answers.RECEIPTS, platform.post("completions", many).json())
        detail = platform.get(f"completions/{one['completion_id']}")
        holds(answers.COMPLETION, detail.json())

    def test_of_certificates(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant)
        path = f"certificates/{certificate.pk}"
        holds(answers.CERTIFICATE, platform.get(path).json())
        holds(answers.CERTIFICATES, platform.get("certificates").json())
        new = platform.post(f"{path}/reissue", {"reason": "typo", "recipient_name": "Ada King"})
        holds(answers.CERTIFICATE, new.json())
        holds(answers.CERTIFICATE, platform.post(f"{path}/revoke", {"reason": "fraud"}).json())

    @pytest.mark.parametrize("accept", ["*/*", "text/html, */*;q=0.1", "application/json"])
    def test_of_public_addresses(self, document: dict[str, Any], accept: str) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        values = {
            "token": certificate.token,
            "key": ownership.owner_key(certificate, expires_at=datetime(2999, 1, 1, tzinfo=UTC)),
            "name": "credential.jws",
            "digest": certificate.securings.get().sha256[:16],
            "credential_id": certificate.pk,
            "slug": tenant.slug,
            "number": 1,
            "achievement_id": certificate.course_version_id,
            "thumbprint": certificate.securings.get().kid,
        }
        public = [
            path
            for path, operations in document["paths"].items()
            if "get" in operations and not path.startswith(("/api/v1/c", "/api/v1/t"))
        ]
        assert len(public) > 15
        for path in public:
            response = Client().get(path.format(**values), headers={"Accept": accept})
            said = document["paths"][path]["get"]["responses"][str(response.status_code)]
            if response.status_code != 401:  # without a token there is nothing to say
                assert response["Content-Type"].partition(";")[0] in said["content"], path

    def test_of_the_box(self, document: dict[str, Any]) -> None:
        said = document["paths"]["/verify"]["post"]["responses"]
        response = Client().post("/verify", {"code": "0"}, headers={"Accept": "application/json"})
        assert "application/json" in said[str(response.status_code)]["content"]

    def test_of_refusals(self) -> None:
        platform = Platform(issuing_tenant())
        for response in (
            platform.post("completions", completion(event_id="")),
            platform.send("completions", b"{"),
            platform.get("certificates/00000000-0000-4000-8000-000000000000"),
            Platform(issuing_tenant("other"), scopes=[]).get("certificates"),
        ):
            assert response.status_code >= 400
            holds(answers.PROBLEM, response.json())

    def test_of_templates(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/api/v1/templates"]["get"]
        (content,) = operation["responses"]["200"]["content"].values()
        answer = Platform(issuing_tenant()).get("templates").json()
        assert len(answer["results"]) == 1
        holds(content["schema"], answer)
        assert {"401", "403"} <= operation["responses"].keys()
