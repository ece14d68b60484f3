"""Requests: counted by URL name, logged by route, and never with the token in their path."""

import json
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from prometheus_client import REGISTRY
from structlog.stdlib import ProcessorFormatter

from observability import collectors

REST = "123-4567-89AB-CDEF-GHJK-MNPQ-RST5"
PATHS = [f"/verify/{letter}{REST}" for letter in "0NE"] + [f"/nowhere/0{REST}"]

pytestmark = [pytest.mark.urls("tests.observability.addresses"), pytest.mark.django_db]


@pytest.fixture
def visit(client: Client) -> Callable[[str], Any]:
    """Return a visitor who sees the 500 page instead of the exception."""
    client.raise_request_exception = False
    return lambda path: client.get(path, {"code": f"0{REST}"}, HTTP_USER_AGENT=f"x/0{REST}")


@pytest.fixture
def written(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Collect what the handlers write, as they write it."""
    stream = StringIO()
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    ]
    monkeypatch.setattr(handler, "stream", stream)
    return stream.getvalue


def count(endpoint: str, status: str) -> float:
    labels = {"endpoint": endpoint, "status": status}
    return REGISTRY.get_sample_value("cert_api_requests_total", labels) or 0


class TestMetricsMiddleware:
    @pytest.mark.parametrize(
        ("path", "endpoint", "status"),
        [
            (PATHS[0], "public_verify", "200"),
            (PATHS[1], "public_verify", "404"),
            (PATHS[2], "public_verify", "500"),
            (PATHS[3], "unmatched", "404"),
        ],
    )
    def test_counts_by_url_name_and_status(
        self, path: str, endpoint: str, status: str, visit: Callable[[str], Any]
    ) -> None:
        before = count(endpoint, status)
        assert str(visit(path).status_code) == status
        assert count(endpoint, status) == before + 1

    def test_leaves_out_probes_and_scrapes(self, visit: Callable[[str], Any]) -> None:
        visit("/livez")
        assert count("livez", "200") == 0


class TestRequestLogMiddleware:
    def test_writes_one_line_with_method_and_route(
        self, visit: Callable[[str], Any], written: Callable[[], str]
    ) -> None:
        response = visit(PATHS[0])
        (line,) = [json.loads(line) for line in written().splitlines()]
        assert line["event"] == "request_finished"
        assert (line["request"], line["code"]) == ("GET verify/<str:token>", 200)
        assert line["request_id"] == response["X-Request-ID"] == str(UUID(line["request_id"]))
        assert not line.keys() & {"user_agent", "ip", "user_id"}

    def test_tells_of_an_error_with_its_place(
        self, visit: Callable[[str], Any], written: Callable[[], str]
    ) -> None:
        visit(PATHS[2])
        lines = [json.loads(line) for line in written().splitlines()]
        (failed,) = [line for line in lines if line["event"] == "request_failed"]
        assert "cannot look up [token]" in failed["exception"]
        assert "in verdict" in failed["exception"]

    def test_gives_every_answer_the_id_of_its_request(self, visit: Callable[[str], Any]) -> None:
        ids = {visit(path)["X-Request-ID"] for path in PATHS}
        assert len(ids) == len(PATHS)


def test_no_token_reaches_a_log_line_or_a_metric(
    visit: Callable[[str], Any], written: Callable[[], str]
) -> None:
    for path in PATHS:
        visit(path)
    lines = written()
    assert len(lines.splitlines()) >= len(PATHS)
    for text in (lines, collectors.exposition().decode()):
        # Neither whole nor cut: not even the second group of symbols may stand there.
        assert REST not in text
        assert "4567-89AB" not in text
