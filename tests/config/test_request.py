"""Headers that Django fails on are taken as not sent, before anything else happens."""

from typing import Any

import pytest
from django.test import RequestFactory

from config.request import Application

pytestmark = pytest.mark.django_db  # the handler looks after connections
TEXT_PLAIN = "text/plain; charset="
MANY = "&".join(["lang=ar"] * 2000)


@pytest.fixture(scope="module")
def application() -> Application:
    return Application()


def status(application: Application, **environ: Any) -> int:
    answers: list[str] = []

    def start(line: str, _headers: Any, _failure: Any = None) -> Any:
        answers.append(line)

    application(RequestFactory().get("/livez").environ | environ, start)
    return int(answers[0].split()[0])


class TestContentType:
    @pytest.mark.parametrize(
        "sent",
        [
            *(TEXT_PLAIN + name for name in ("undefined", "zip", "idna", "rot13", "utf-7", "\x00")),
            "text/plain; a*=undefined''%ff",
            "text/plain; charset*=undefined''zip",
            "text/plain; charset*0=zip",
        ],
    )
    def test_never_breaks_the_query(self, application: Application, sent: str) -> None:
        query = "lang=%ff&x=\xff"
        assert status(application, CONTENT_TYPE=sent, QUERY_STRING=query) == 200

    def test_too_many_fields_are_a_400(self, application: Application) -> None:
        sent = {"CONTENT_TYPE": TEXT_PLAIN + "utf-8", "QUERY_STRING": MANY}
        assert status(application, **sent) == 400


class TestUnderscores:
    @pytest.mark.parametrize("name", ["HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE"])
    def test_pass_for_no_header_of_the_body(self, application: Application, name: str) -> None:
        assert status(application, **{name: "x"}) == 200


class TestAccept:
    @pytest.mark.parametrize(
        "sent",
        [
            "text/html; a*=undefined''%ff",
            "*/*, application/json; a*=undefined''%ff",
            "text/html; a*=zip''%ff",
            "text/html; q='",
        ],
    )
    @pytest.mark.parametrize("path", ["/nothing", "/api/v1/certificates"])
    def test_never_breaks_the_answer(self, application: Application, path: str, sent: str) -> None:
        assert status(application, HTTP_ACCEPT=sent, PATH_INFO=path) in {401, 404, 406}
