"""What a browser may report, and what is not believed."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.test import Client
from prometheus_client import REGISTRY

from observability import rum, views
from tests.factories.registry import Registry, registry

__all__ = ["registry"]

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
GOOD = {"m": "LCP", "v": 812.5, "p": "verifier", "n": "navigate"}
NO_PAGES: list[Any] = ["admin", "/verify/x", "", None, ["verifier"], {}]
SCRIPT = Path(ours.ROOT) / "static" / "public" / "rum.js"


@pytest.fixture(autouse=True)
def _plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_limit", rum.Limit(1_000))


def send(client: Client, report: Any = None, **headers: str) -> int:
    body = report if isinstance(report, bytes | str) else json.dumps({**GOOD, **(report or {})})
    sent = {"sec-fetch-site": "same-origin", "user-agent": CHROME, **headers}
    answer = client.post("/rum", body, content_type="text/plain;charset=UTF-8", headers=sent)
    assert answer.content == b""
    assert not answer.cookies
    return answer.status_code


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def outcome(name: str) -> float:
    return sample("cert_rum_reports_total", outcome=name)


class TestReport:
    @pytest.mark.parametrize("page", rum.PAGES)
    @pytest.mark.parametrize(
        ("reported", "series", "amount"),
        [
            ({"m": "LCP", "v": 812.5}, "cert_rum_lcp_seconds", 0.8125),
            ({"m": "INP", "v": 48}, "cert_rum_inp_seconds", 0.048),
            ({"m": "CLS", "v": 0.02}, "cert_rum_cls", 0.02),
            ({"m": "CLS", "v": 0}, "cert_rum_cls", 0),
        ],
        ids=str,
    )
    def test_is_observed(
        self, client: Client, page: str, reported: dict[str, Any], series: str, amount: float
    ) -> None:
        before = [sample(f"{series}_{part}", page=page) for part in ("count", "sum")]
        assert send(client, {**reported, "p": page}) == 204
        after = [sample(f"{series}_{part}", page=page) for part in ("count", "sum")]
        assert after == pytest.approx([before[0] + 1, before[1] + amount])

    @pytest.mark.parametrize(
        "report",
        [
            *({"v": value} for value in (0, -1, 60_000, 1e300, "812", None, True, [1])),
            *({"m": metric} for metric in ("lcp", "TTFB", "", None, 1, ["LCP"])),
            *({"p": page} for page in NO_PAGES),
            *({"n": kind} for kind in ("", "other", None, ["navigate"])),
            {"m": "CLS", "v": -0.1},
            {"url": "https://example.org"},
            {"m": "LCP", "p": "x" * 1_100},
            *("", "[]", "null", "1", "LCP", "{", "[" * 1_000, '{"m":NaN}'),
            *(b"\xff\xfe", json.dumps(GOOD).encode("utf-16"), b"\x00" * 900),
            json.dumps(GOOD) + " " * 1_024,
            '{"m":"LCP","v":NaN,"p":"verifier","n":"navigate"}',
            '{"m":"LCP","v":1e999,"p":"verifier","n":"navigate"}',
        ],
        ids=repr,
    )
    def test_is_refused_unless_it_is_our_script_s(self, client: Client, report: Any) -> None:
        before, refused = sample("cert_rum_lcp_seconds_count", page="verifier"), outcome("refused")
        assert send(client, report) == 400
        assert sample("cert_rum_lcp_seconds_count", page="verifier") == before
        assert outcome("refused") == refused + 1

    @pytest.mark.parametrize("site", ["", "cross-site", "same-site", "none"])
    def test_is_refused_from_anywhere_else(self, client: Client, site: str) -> None:
        assert send(client, **{"sec-fetch-site": site}) == 400

    def test_of_a_bot_is_dropped(self, client: Client) -> None:
        before, bots = sample("cert_rum_lcp_seconds_count", page="verifier"), outcome("bot")
        for agent in ("HeadlessChrome/130", "curl/8.9.1", ""):
            assert send(client, **{"user-agent": agent}) == 204
        assert sample("cert_rum_lcp_seconds_count", page="verifier") == before
        assert outcome("bot") == bots + 3

    @pytest.mark.parametrize("kind", ["back-forward-cache", "prerender", "restore"])
    def test_of_a_page_that_was_there_already_is_kept_apart(
        self, client: Client, kind: str
    ) -> None:
        before, apart = sample("cert_rum_lcp_seconds_count", page="verifier"), outcome("apart")
        assert send(client, {"n": kind}) == 204
        assert sample("cert_rum_lcp_seconds_count", page="verifier") == before
        assert outcome("apart") == apart + 1

    @pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
    def test_is_only_posted(self, client: Client, method: str) -> None:
        assert getattr(client, method)("/rum").status_code == 405

    def test_needs_no_csrf_token(self) -> None:
        assert send(Client(enforce_csrf_checks=True)) == 204


class TestLimit:
    def test_is_an_address_s_own_and_ends_with_the_minute(self) -> None:
        now = [0.0]
        limit = rum.Limit(3, clock=lambda: now[0])
        assert [limit.admits("192.0.2.1") for _ in range(5)] == [True] * 3 + [False] * 2
        assert limit.admits("192.0.2.2")
        now[0] = 59.9
        assert not limit.admits("192.0.2.1")
        now[0] = 60.0
        assert limit.admits("192.0.2.1")

    def test_holds_no_address_and_stays_small(self) -> None:
        limit = rum.Limit(3)
        size = len(limit._counts)
        for number in range(1_000):
            limit.admits(f"192.0.2.{number}")
        assert len(limit._counts) == size
        assert "192.0.2." not in repr(vars(limit))

    def test_drops_reports_in_silence(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = sample("cert_rum_reports_total", outcome="limited")
        monkeypatch.setattr(views, "_limit", rum.Limit(2))
        assert [send(client) for _ in range(3)] == [204, 204, 204]
        assert sample("cert_rum_reports_total", outcome="limited") == before + 1


class TestPages:
    def test_bring_the_script_and_say_which_they_are(
        self, registry: Registry, client: Client
    ) -> None:
        token = registry.issue().token
        kinds = {"verify": "verifier", "certificates": "learner_certificate"}
        for place, kind in kinds.items():
            path = f"/{place}/{token}"
            page = client.get(path, headers={"accept": "text/html"}).content.decode()
            assert page.count("/static/public/rum.js") == 1
            assert re.search(rf'data-page="{kind}"\s+data-sample="100"\s+defer', page)

    def test_leave_it_out_where_nothing_is_asked_for(
        self, registry: Registry, client: Client, settings: Any
    ) -> None:
        settings.RUM_SAMPLE = 0
        page = client.get(f"/verify/{registry.issue().token}", headers={"accept": "text/html"})
        assert b"<script" not in page.content


class TestScript:
    def test_holds_the_library_unaltered(self) -> None:
        lines = SCRIPT.read_text().splitlines()
        (library,) = (line for line in lines if line.startswith("var webVitals="))
        # dist/web-vitals.iife.js of web-vitals 6.2.3, without its last line.
        assert hashlib.sha256(library.encode()).hexdigest() == (
            "3c12dd890ab9d9204b22e089811786153ade506eef0a1e824f677066eb0b5956"
        )
        assert (SCRIPT.parent / "web-vitals.LICENSE.txt").is_file()
