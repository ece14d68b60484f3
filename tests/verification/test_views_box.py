"""The box for a code or a link."""

from typing import Any

import pytest
from django.test import Client

from certificates.tokens import format_token
from tests.factories.registry import Registry

JSON = {"accept": "application/json"}


@pytest.mark.django_db
class TestVerifyBox:
    def test_asks_for_a_code(self, client: Client) -> None:
        for address in ("/", "/verify"):
            response = client.get(address)
            assert response.status_code == 200
            assert b'name="code"' in response.content
            assert not response.cookies

    @pytest.mark.parametrize(
        "form",
        [
            "{code}",
            " {lower} ",
            "http://testserver/verify/{code}",
            "http://testserver/certificates/{code}?lang=ar",
            "http://testserver/certificates/{code}/certificate.pdf",
            "testserver/verify/{code}#top",
            "HTTP://TestServer/verify/{code}",
        ],
    )
    def test_takes_a_code_however_it_is_written(
        self, form: str, registry: Registry, client: Client
    ) -> None:
        code = format_token(registry.issue().token)
        entered = form.format(code=code, lower=code.lower().replace("-", " "))
        response = client.post("/verify", {"code": entered}, headers=JSON)
        assert response.json()["result"] == "issued"

    def test_takes_a_link_of_the_origin_it_was_issued_under(
        self, registry: Registry, client: Client, settings: Any
    ) -> None:
        code = format_token(registry.issue().token)
        settings.BASE_URL = "https://moved.example"
        old = client.post("/verify", {"code": f"http://testserver/verify/{code}"}, headers=JSON)
        assert old.json()["result"] == "issued"

    def test_refuses_a_link_to_somewhere_else(self, registry: Registry, client: Client) -> None:
        code = format_token(registry.issue().token)
        response = client.post("/verify", {"code": f"https://evil.example/verify/{code}"})
        assert response.status_code == 400
        assert "This is not a certificate code" in response.content.decode()

    @pytest.mark.parametrize("entered", ["", "x" * 5000, "\x00", "//[", "😀 \u202e"])
    def test_survives_anything(self, entered: str, client: Client) -> None:
        response = client.post("/verify", {"code": entered})
        assert response.status_code == 400

    def test_keeps_what_was_entered(self, client: Client) -> None:
        response = client.post("/verify", {"code": '"><script>alert(1)</script>'})
        assert b"&quot;&gt;&lt;script&gt;" in response.content
        assert b"<script>" not in response.content
