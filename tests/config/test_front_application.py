"""What the front answers from memory is what Django behind it answers, byte for byte."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from config.front import assembly
from config.front.application import Front
from config.front.generation import Generation
from config.front.store import Store
from config.front.watching import documents_of
from config.request import Application
from observability.batches import Finished
from signing import publication
from signing.models import SigningKey
from tenants.models import Tenant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keep_the_connection")]

Answer = tuple[str, list[tuple[str, str]], bytes]
Ask = Callable[..., Answer]

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PROPFIND", "get", ""]
HOSTS = [
    "testserver",
    "TESTSERVER:80",
    "localhost:8000",
    "127.0.0.1",
    "testserver.",
    "evil.example",
    "testserver@evil.example",
    "testserver/",
    "testserver, evil.example",
    "[::1]",
    "test server",
    "",
]
HEADERS: list[dict[str, str]] = [
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_FORWARDED_PROTO": "https, http"},
    {"HTTP_X_FORWARDED_PROTO": "HTTPS"},
    {"HTTP_X_FORWARDED_PROTO": ""},
    {"HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_FORWARDED": "host=evil.example;proto=https"},
    {"wsgi.url_scheme": "https"},
    {"HTTP_ACCEPT": "text/html"},
    {"HTTP_ACCEPT": "text/html; a*=undefined''%ff"},
    {"HTTP_ACCEPT_LANGUAGE": "ar"},
    {"HTTP_ACCEPT_ENCODING": "gzip, br"},
    {"HTTP_ORIGIN": "https://evil.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "DELETE"},
    {"HTTP_COOKIE": "sessionid=x; csrftoken=y; django_language=ar"},
    {"HTTP_AUTHORIZATION": "Bearer cert_live_x_y"},
    {"HTTP_X_REQUEST_ID": "chosen-by-a-stranger"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    {"HTTP_RANGE": "bytes=0-9", "HTTP_IF_RANGE": '"x"'},
    {"CONTENT_TYPE": "text/plain; charset=undefined", "CONTENT_LENGTH": "-1"},
    {"HTTP_CONTENT_TYPE": "x", "HTTP_CONTENT_LENGTH": "x"},
    {"HTTP_TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
    {"HTTP_USER_AGENT": ""},
]
QUERIES = ["", "x=1", "lang=ar", "lang=%ff&x=\xff", "&&;;==", "&".join(["x=1"] * 2000), "x" * 600]
ETAG = "ETAG"  # stands for the document's own
CONDITIONS: list[dict[str, str]] = [
    {name: value}
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")
    for value in [
        *(ETAG, f"W/{ETAG}", f'"x", {ETAG}', f'"x",W/{ETAG},"y"', f"{ETAG}junk", "*", " * "),
        *('"x"', "x", "", f"w/{ETAG}", f"W/W/{ETAG}", '*, "x"', '"', f"junk{ETAG}", "\xff"),
    ]
]
DATES = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT", "yesterday"]
CONDITIONS += [
    {name: date}
    for name, date in product(("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"), DATES)
]


@pytest.fixture
def tenant(now: Any) -> Tenant:
    return Tenant.objects.create(slug="harbour", name="Harbour School", created_at=now)


@pytest.fixture
def told() -> list[Finished]:
    return []


@pytest.fixture
def front(tenant: Tenant, told: list[Finished]) -> Front:
    return front_of(Application(), told)


def front_of(application: Any, told: list[Finished], woken: list[bool] | None = None) -> Front:
    generation, store = Generation.private(), Store()
    store.replace(map(assembly.prepare, documents_of(publication.everything())), generation=0)
    woken = woken if woken is not None else []
    return Front(
        application,
        store=store,
        generation=generation,
        rules=assembly.rules(),
        tell=told.append,
        refresh=lambda: woken.append(True),
    )


def refused(_environ: Any, _start: Any) -> Any:
    raise AssertionError("the front handed on what it holds")


def answer(application: Any, method: str, path: str, **environ: Any) -> Answer:
    """Return status, headers but for the id of the request, and body."""
    asked = _environ(method, path)
    said: list[tuple[str, list[tuple[str, str]]]] = []
    response = application(
        asked | environ, lambda line, headers, _=None: said.append((line, headers))
    )
    body = b"".join(response)
    getattr(response, "close", lambda: None)()
    ((line, headers),) = said
    ids = [value for name, value in headers if name == "X-Request-ID"]
    assert len(ids) == 1
    assert len(ids[0]) == len("ecd37efd-6530-4e71-ac39-562add71d488")
    return line, sorted(header for header in headers if header[0] != "X-Request-ID"), body


def _environ(method: str, path: str) -> dict[str, Any]:
    asked: dict[str, Any] = RequestFactory().get("/").environ
    asked.pop("HTTP_COOKIE")
    return asked | {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "testserver"}


def paths() -> list[str]:
    key = SigningKey.objects.get(tenant=None, state=SigningKey.State.ACTIVE)
    return [
        "/.well-known/jwks.json",
        "/.well-known/did.json",
        "/tenants/harbour/jwks.json",
        "/tenants/harbour/did.json",
        f"/keys/{key.thumbprint}",
    ]


class TestAnswersLikeDjango:
    @pytest.fixture(autouse=True)
    def one_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both answers in one second: Django writes the time into `Expires`."""
        moment = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
        monkeypatch.setattr("django.utils.cache.time", SimpleNamespace(time=lambda: moment))

    def same(self, front: Front, method: str, path: str, **environ: Any) -> Answer:
        ours, django = (answer(it, method, path, **environ) for it in (front, Application()))
        assert ours == django, (method, path, environ)
        return ours

    @pytest.mark.parametrize("method", METHODS)
    def test_to_every_method(self, front: Front, method: str) -> None:
        for path in paths():
            line, _, _ = self.same(front, method, path)
            if method in {"POST", "PUT", "DELETE", "TRACE", "PROPFIND"}:
                assert line == "405 Method Not Allowed"

    @pytest.mark.parametrize("host", HOSTS)
    def test_under_every_host(self, front: Front, host: str) -> None:
        for method in ("GET", "HEAD", "OPTIONS"):
            self.same(front, method, paths()[0], HTTP_HOST=host)

    @pytest.mark.parametrize("headers", HEADERS, ids=str)
    def test_whatever_else_is_said(self, front: Front, headers: dict[str, str]) -> None:
        for method in ("GET", "HEAD", "OPTIONS"):
            self.same(front, method, paths()[0], **headers)

    @pytest.mark.parametrize("headers", HEADERS[:7], ids=str)
    def test_behind_a_proxy_that_speaks_https(
        self, settings: Any, tenant: Tenant, headers: dict[str, str]
    ) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_HSTS_SECONDS = 31_536_000
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
        front = front_of(Application(), [])
        for method in ("GET", "OPTIONS"):
            self.same(front, method, paths()[0], **headers)

    @pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
    def test_with_any_query(self, front: Front, query: str) -> None:
        self.same(front, "GET", paths()[0], QUERY_STRING=query)

    @pytest.mark.parametrize("condition", CONDITIONS, ids=str)
    def test_to_conditions(self, front: Front, condition: dict[str, str]) -> None:
        ((name, value),) = condition.items()
        for path, method in zip(paths(), ("GET", "HEAD", "OPTIONS"), strict=False):
            etag = dict(answer(front, "GET", path)[1])["ETag"]
            self.same(front, method, path, **{name: value.replace(ETAG, etag)})

    @pytest.mark.parametrize(
        "path",
        [
            "/.well-known/jwks.json/",
            "//.well-known/jwks.json",
            "/.well-known/JWKS.json",
            "/tenants/nobody/jwks.json",
            "/tenants/Harbour/jwks.json",
            "/tenants/harbour/../harbour/jwks.json",
            "/keys/" + "A" * 43,
            "/keys/",
            "/livez",
        ],
    )
    def test_to_what_it_does_not_hold(self, front: Front, path: str) -> None:
        self.same(front, "GET", path)


class TestFromMemory:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_runs_no_line_of_django(self, tenant: Tenant, method: str) -> None:
        front = front_of(refused, [])
        known = paths()
        answer(front, method, known[0])  # the first request of a host asks Django for the rule
        entered: list[str] = []

        def note(frame: Any, event: str, _argument: Any) -> None:
            if event == "call":
                entered.append(frame.f_globals.get("__name__", ""))

        environs = [_environ(method, path) for path in known]
        sys.setprofile(note)
        try:
            for environ in environs:
                front(environ, lambda _line, _headers: None)
        finally:
            sys.setprofile(None)
        assert {name for name in entered if name != __name__} == {
            "config.front.application",
            "config.front.admission",
        }

    def test_asks_no_database(
        self, tenant: Tenant, django_assert_num_queries: Any, told: list[Finished]
    ) -> None:
        front = front_of(refused, told)
        known = paths()
        with django_assert_num_queries(0):
            for path in known:
                assert answer(front, "GET", path)[0] == "200 OK"
                assert answer(front, "GET", path, HTTP_IF_NONE_MATCH="*")[0].startswith("304")
        assert len(told) == 2 * len(known)

    def test_answers_on_while_what_it_holds_is_out_of_date(self, tenant: Tenant) -> None:
        woken: list[bool] = []
        front = front_of(refused, [], woken)
        answer(front, "GET", paths()[0])
        assert woken == []
        front._generation.bump()
        assert answer(front, "GET", paths()[0])[0] == "200 OK"
        assert woken == [True]

    def test_remembers_a_bounded_number_of_hosts(
        self, settings: Any, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("config.front.admission._MOST_HOSTS", 10)
        settings.ALLOWED_HOSTS = ["*"]
        front = front_of(refused, [])
        for number in range(25):
            answer(front, "GET", paths()[0], HTTP_HOST=f"host-{number}")
        assert 0 < len(front._admission._hosts) <= 10

    def test_gives_every_answer_an_id_of_its_own(self, tenant: Tenant) -> None:
        told: list[Finished] = []
        front = front_of(refused, told)
        for _ in range(3):
            answer(front, "GET", paths()[0])
        assert len({request_id for _, request_id, _, _ in told}) == 3
