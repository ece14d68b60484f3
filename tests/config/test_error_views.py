"""Errors: a page for people, a problem for programs, each with a next step."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation

from certificates import pages
from config import error_views

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


class TestServerError:
    def test_is_a_page_for_people_and_a_problem_for_programs(self, rf: RequestFactory) -> None:
        with translation.override("fr"):
            page = error_views.server_error(rf.get("/verify/x", headers=HTML))
        problem = error_views.server_error(rf.get("/api/v1/completions"))
        assert (page.status_code, problem.status_code) == (500, 500)
        assert "<h1>Le service est en panne</h1>" in page.content.decode()
        assert problem["Content-Type"] == "application/problem+json"

    def test_needs_nothing_that_may_be_broken(
        self, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: str) -> None:
            raise RuntimeError("the templates are gone")

        monkeypatch.setattr(pages, "get_template", broken)
        page = error_views.server_error(rf.get("/verify/x", headers=HTML))
        assert (page.status_code, page["Content-Type"]) == (500, "text/plain; charset=utf-8")
        assert b"our mistake" in page.content
