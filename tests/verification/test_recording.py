"""What is counted and logged of each verification, and what never is."""

from typing import Any

from django.test import Client
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from certificates.tokens import fingerprint, format_token, new_token
from tests.factories.registry import Registry
from verification import buffer

NAME = "certification.certificate.verified"


def count(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0


class TestNote:
    def test_counts_each_answer(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        tenant = {"tenant_id": certificate.tenant_id, "result": "issued"}
        before = [
            count("cert_verification_total", result="issued"),
            count("cert_tenant_verification_total", **tenant),
            count("cert_public_verify_cache_requests_total", outcome="miss"),
            count("cert_public_verify_duration_seconds_count", cache="miss"),
        ]
        path = f"/verify/{certificate.token}"
        etag = client.get(path)["ETag"]
        client.get(path, headers={"if-none-match": etag})
        client.get(path, headers={"accept": "application/json"})
        client.get(f"/api/v1{path}")
        client.post("/verify", {"code": certificate.token})
        assert [
            count("cert_verification_total", result="issued"),
            count("cert_tenant_verification_total", **tenant),
            count("cert_public_verify_cache_requests_total", outcome="miss"),
            count("cert_public_verify_duration_seconds_count", cache="miss"),
        ] == [number + 5 for number in before]

    def test_does_not_count_head(self, registry: Registry, client: Client) -> None:
        path = f"/verify/{registry.issue().token}"
        before = count("cert_verification_total", result="issued")
        for address in (path, f"/api/v1{path}"):
            response = client.head(address)
            assert (response.status_code, response.content) == (200, b"")
        assert count("cert_verification_total", result="issued") == before

    def test_logs_the_event(self, registry: Registry, client: Client, settings: Any) -> None:
        certificate = registry.expired()
        with capture_logs() as lines:
            client.get(f"/verify/{certificate.token}")
        (line,) = [line for line in lines if line["event"] == NAME]
        assert line == {
            "event": NAME,
            "log_level": "info",
            "audit": True,
            "tenant_id": certificate.tenant_id,
            "certificate_id": str(certificate.pk),
            "template_id": certificate.template_version.template_id,
            "course_version_id": str(certificate.course_version_id),
            "verification_token_fingerprint": fingerprint(
                certificate.token, pepper=settings.TOKEN_PEPPER
            ),
            "result": "issued",
            "validity": "expired",
        }

    def test_names_no_certificate_that_there_is_not(
        self, registry: Registry, client: Client
    ) -> None:
        with capture_logs() as lines:
            client.get(f"/verify/{new_token()}")
        (line,) = [line for line in lines if line["event"] == NAME]
        assert line["result"] == "not_found"
        assert not line.keys() & {"certificate_id", "tenant_id", "template_id"}

    def test_lets_no_token_out(self, registry: Registry, client: Client) -> None:
        tokens = [registry.issue().token, registry.forged().token, new_token()]
        with capture_logs() as lines:
            for token in tokens:
                client.get(f"/verify/{format_token(token)}")
                client.post("/verify", {"code": token.lower()})
        seen = (repr(lines) + generate_latest().decode() + repr(buffer._waiting)).upper()
        for token in tokens:
            assert token not in seen
            assert format_token(token) not in seen
