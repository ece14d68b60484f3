"""A reader's report, from the verify page into the issuer's inbox."""

import pytest
from django.test import Client

from certificates.models import Case, Certificate
from certificates.tokens import format_token
from tests.factories.registry import Registry

HTML = {"accept": "text/html"}


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue()


def address(certificate: Certificate) -> str:
    return f"/verify/{format_token(certificate.token)}/report"


class TestReportProblem:
    def test_is_offered_by_the_verify_page(self, certificate: Certificate, client: Client) -> None:
        page = client.get(f"/verify/{format_token(certificate.token)}", headers=HTML)
        assert f'href="{address(certificate)}"' in page.content.decode()
        form = client.get(address(certificate))
        assert form.status_code == 200
        assert not form.cookies

    def test_reaches_the_issuer(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        sent = {"subject": "misused", "text": "Not him.", "contact": "reader@firm.example"}
        response = client.post(address(certificate), sent)
        assert response.status_code == 200
        assert "The issuer has your report." in response.content.decode()
        assert not response.cookies
        case = Case.objects.get()
        assert (case.tenant, case.certificate, case.kind) == (
            registry.tenant,
            certificate,
            "report",
        )
        assert (case.subject, case.text, case.contact) == tuple(sent.values())

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"text": "x"}, "Choose what it is about."),
            ({"subject": "other"}, "Write in a sentence what is wrong."),
            ({"subject": "other", "text": "x", "contact": "me"}, "This is no e-mail address."),
            ({"subject": "other", "text": "x\x00y"}, "Nothing was sent yet."),
            ({"subject": "nothing", "text": "<i>kept</i>"}, "&lt;i&gt;kept&lt;/i&gt;"),
        ],
    )
    def test_says_what_is_missing_and_keeps_the_rest(
        self, sent: dict[str, str], words: str, certificate: Certificate, client: Client
    ) -> None:
        response = client.post(address(certificate), sent)
        assert response.status_code == 400
        assert words in response.content.decode()
        assert not Case.objects.exists()

    @pytest.mark.parametrize("code", ["nothing", "0000-0000-0000-0000-0000-0000-001Y"])
    def test_is_not_there_for_a_code_that_is_none(
        self, code: str, registry: Registry, client: Client
    ) -> None:
        assert client.post(f"/verify/{code}/report", {"text": "x"}).status_code == 404
