"""What holds for every page: escaping, policy, language, few queries."""

import base64
import hashlib
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certificates import pages
from certificates.models import Certificate
from certificates.tokens import format_token, new_token
from tests.factories.registry import Registry

HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


def path_of(certificate: Certificate) -> str:
    return f"/verify/{format_token(certificate.token)}"


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "<script>alert(1)</script>",
            'O\'Neil & "Sons"',
            "{{ 7*7 }} {% now 'Y' %}",
            "أحمد (Ahmed)",
        ],
    )
    def test_are_text_wherever_they_stand(
        self, name: str, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue(name)
        code = format_token(certificate.token)
        for address in (f"/verify/{code}", f"/certificates/{code}"):
            page = client.get(address, headers=HTML).content.decode()
            assert "<script>alert" not in page
            assert f"<bdi>{escaped(name)}</bdi>" in page


def escaped(text: str) -> str:
    pairs = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"))
    for plain, entity in pairs:
        text = text.replace(plain, entity)
    return text


class TestPolicy:
    def test_lets_the_inline_style_pass_and_nothing_else(
        self, registry: Registry, client: Client
    ) -> None:
        response = client.get(path_of(registry.issue()), headers=HTML)
        styles = re.findall(rb"<style>(.*?)</style>", response.content, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(styles[0]).digest()).decode()
        policy = dict(
            part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";")
        )
        assert len(styles) == 1
        assert policy["style-src"] == f"'sha256-{digest}'"
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert b"style=" not in response.content
        assert not re.search(rb"\son\w+=", response.content)


class TestLanguage:
    @pytest.mark.parametrize(
        ("query", "accept", "page"),
        [
            ("", "ar,en;q=0.5", 'lang="ar" dir="rtl"'),
            ("?lang=ar", "en", 'lang="ar" dir="rtl"'),
            ("?lang=en", "ar", 'lang="en" dir="ltr"'),
            ("?lang=xx", "pt-BR", 'lang="en" dir="ltr"'),
        ],
    )
    def test_follows_the_address_then_the_browser(
        self, query: str, accept: str, page: str, registry: Registry
    ) -> None:
        client = Client()
        client.cookies["django_language"] = "de"
        path = path_of(registry.issue()) + query
        response = client.get(path, headers={**HTML, "accept-language": accept})
        assert f"<html {page}>" in response.content.decode()
        assert response["Content-Language"] == page[6:8]
        assert "Accept-Language" in response["Vary"]


class TestQueries:
    def test_are_few_for_a_certificate(
        self,
        registry: Registry,
        client: Client,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        path = path_of(registry.issue())
        with django_assert_num_queries(4):  # certificate, signed form, key, issuer's mark
            client.get(path, headers=HTML)
        with django_assert_num_queries(3):
            client.get(path, headers=JSON)

    def test_are_alike_for_whatever_is_not_there(
        self,
        registry: Registry,
        client: Client,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        pending = registry.completion().token
        with django_assert_num_queries(1):
            known = client.get(f"/verify/{pending}", headers=JSON)
        with django_assert_num_queries(1):
            unknown = client.get(f"/verify/{new_token()}", headers=JSON)
        assert known.content == unknown.content

    def test_are_none_for_a_mistyped_code(
        self, client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            client.get("/verify/0123-4567-89AB-CDEF-GHJK-MNPQ-RST6")


class TestBytes:
    def test_are_spent_on_no_indentation(self) -> None:
        page = "\n<main>\n    <p>\n        a  b\n    </p>\n\n</main>"
        assert pages.squeeze(page) == "<main>\n<p>\na  b\n</p>\n</main>"

    def test_of_what_people_wrote_are_kept(self) -> None:
        page = "<p>\n  <textarea>\n  a\n\n  b</textarea>\n  <pre>c\n  d</pre></p>"
        squeezed = "<p>\n<textarea>\n  a\n\n  b</textarea>\n<pre>c\n  d</pre></p>"
        assert pages.squeeze(page) == squeezed
