"""Errors: a page for people, a problem for programs, each with a next step."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from certificates import pages, queries
from config import error_views
from verification import views

HTML = {"accept": "text/html"}


class TestNotFound:
    def test_is_a_page_for_people(self, client: Client) -> None:
        response = client.get("/nothing/here", headers=HTML)
        page = response.content.decode()
        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/html")
        assert "There is nothing at this address" in page
        assert 'href="/"' in page
        assert not response.cookies

    def test_is_a_problem_for_programs(self, client: Client) -> None:
        response = client.get("/nothing/here")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 404

    def test_speaks_arabic(self, client: Client) -> None:
        page = client.get("/nothing?lang=ar", headers=HTML).content.decode()
        assert '<html lang="ar" dir="rtl">' in page
        assert "لا شيء في هذا العنوان" in page


class TestOthers:
    @pytest.fixture
    def request_of(self, rf: RequestFactory) -> HttpRequest:
        return rf.get("/x", headers=HTML)

    def test_have_the_same_form(self, request_of: HttpRequest) -> None:
        bad = error_views.bad_request(request_of, SuspiciousOperation())
        forbidden = error_views.permission_denied(request_of, PermissionDenied())
        for response, status in ((bad, 400), (forbidden, 403)):
            assert response.status_code == status
            assert b"<h1>" in response.content  # type: ignore[attr-defined]
            assert response["Cache-Control"] == "no-store"


class TestForms:
    def test_that_lost_their_proof_are_told_what_to_do(self, db: None) -> None:
        client = Client(enforce_csrf_checks=True)
        response = client.post("/admin/login/", {"username": "x"}, headers=HTML)
        assert response.status_code == 403
        assert "This form is too old" in response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]


class TestServerError:
    @pytest.fixture
    def broken(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
        def break_down(*_: Any, **__: Any) -> None:
            raise RuntimeError("a mistake of ours")

        monkeypatch.setattr(views, "_negotiated", break_down)
        client.raise_request_exception = False
        return client

    @pytest.mark.parametrize(("lang", "words"), [("en", "our side"), ("ar", "حدث عطل لدينا")])
    def test_is_a_page_that_asks_no_database(
        self, broken: Client, lang: str, words: str, django_db_blocker: Any
    ) -> None:
        with django_db_blocker.block():
            response = broken.get(f"/verify/x?lang={lang}", headers=HTML)
        page = response.content.decode()
        assert response.status_code == 500
        assert words in page
        assert f'<html lang="{lang}"' in page
        assert response["X-Request-ID"] in page
        assert '<meta name="robots" content="noindex">' in page
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert 'href="/' in page

    def test_is_a_problem_for_programs(self, broken: Client, rf: RequestFactory) -> None:
        response = broken.get("/verify/x", headers={"accept": "application/json"})
        assert response["Content-Type"] == "application/problem+json"
        problem = error_views.server_error(rf.get("/api/v1/completions"))
        assert (problem.status_code, problem["Content-Type"]) == (500, "application/problem+json")

    def test_is_answered_when_pages_themselves_are_broken(
        self, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(pages, "render")
        response = error_views.server_error(rf.get("/verify/x", headers=HTML))
        assert response.status_code == 500
        assert response["Content-Type"].startswith("text/plain")


class TestDatabaseAway:
    def test_is_a_page_that_comes_back_by_itself(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, db: None
    ) -> None:
        def away(*_: Any, **__: Any) -> None:
            raise OperationalError("the database is away")

        monkeypatch.setattr(queries, "certificate_by_token", away)
        address = "/certificates/0000-0000-0000-0000-0000-0000-001Y"
        response = client.get(address, headers=HTML)
        assert response.status_code == 503
        assert response["Refresh"] == response["Retry-After"] == "10"
        assert "The service cannot answer just now" in response.content.decode()
        assert "Try again" in response.content.decode()
        assert response["X-Robots-Tag"] == "noindex"
        assert "Refresh" not in client.post(f"{address}/owner", headers=HTML)
