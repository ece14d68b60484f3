"""Traces: one from the request to the task, nothing forged from outside, no token anywhere."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from opentelemetry import trace
from pytest_django import Settings

from config import telemetry

TOKEN = "0123-4567-89AB-CDEF-GHJK-MNPQ-RST5"
TRACE, PARENT_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

Spans = list[dict[str, Any]]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("traces")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.observability.tracing",
            TOKEN,
            f"00-{TRACE}-{PARENT_SPAN}-01",
            f"00-{OTHER_TRACE}-{PARENT_SPAN}-01",
        ],
        cwd=settings.ROOT,
        env={**os.environ, "TEST_DATA_DIR": str(folder), "TEST_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def spans(printed: str) -> Spans:
    found: Spans = json.loads(printed)
    return found


def servers(spans: Spans) -> Spans:
    return [span for span in spans if span["kind"] == "SpanKind.SERVER"]


class TestRequests:
    def test_are_named_by_route(self, spans: Spans) -> None:
        paths = [span["attributes"]["http.target"] for span in servers(spans)]
        assert paths == ["/verify/<str:token>"] * 3 + ["[unmatched]", "/api/v1/report"]

    def test_on_public_pages_begin_a_trace_of_their_own(self, spans: Spans) -> None:
        *public, report = servers(spans)
        for span in public:
            assert span["parent_id"] is None
            assert span["context"]["trace_id"] != f"0x{TRACE}"
        assert report["context"]["trace_id"] == f"0x{TRACE}"
        assert report["parent_id"] == f"0x{PARENT_SPAN}"


def test_the_task_hangs_below_the_request_that_wrote_its_message(spans: Spans) -> None:
    (issue,) = [span for span in spans if span["name"] == "cert.issue"]
    report = servers(spans)[-1]
    assert issue["context"]["trace_id"] == report["context"]["trace_id"]
    assert issue["parent_id"] == report["context"]["span_id"]
    assert issue["attributes"] == {"cert.batch_size": 1, "attempt": 1}


def test_what_is_done_for_several_links_to_the_others(spans: Spans) -> None:
    (signing,) = [span for span in spans if span["name"] == "cert.sign_jws"]
    assert signing["context"]["trace_id"] == f"0x{TRACE}"
    assert [link["context"]["trace_id"] for link in signing["links"]] == [f"0x{OTHER_TRACE}"]


def test_no_token_stands_in_any_span(printed: str, spans: Spans) -> None:
    for part in (TOKEN, TOKEN[1:], TOKEN[5:14]):
        assert part not in printed
    statements = [span["attributes"].get("db.statement", "") for span in spans]
    assert "SELECT '[token]'" in statements
    events = [event["attributes"] for span in spans for event in span["events"]]
    assert "cannot look up [token]" in [event["exception.message"] for event in events]


class TestStart:
    def test_does_nothing_without_an_endpoint(self, settings: Settings) -> None:
        before = trace.get_tracer_provider()
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
        telemetry.start()
        telemetry.stop()
        assert trace.get_tracer_provider() is before
        assert "config.telemetry.PublicRootMiddleware" not in settings.MIDDLEWARE
