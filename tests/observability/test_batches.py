"""Requests told in batches look like requests told one by one."""

import json
import logging
from io import StringIO
from typing import Any, ClassVar

import pytest
from django.test import Client
from prometheus_client import REGISTRY, CollectorRegistry, Histogram
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from certificates.tokens import format_token, new_token
from observability import batches, metrics
from observability.batches import Kind
from observability.events import Event, emit


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """Collect what the handlers write: the lines of batches, and everybody else's."""
    stream = StringIO()
    for name in ("observability.batches", None):
        for handler in logging.getLogger(name).handlers:
            if type(handler) is logging.StreamHandler:
                monkeypatch.setattr(handler, "stream", stream)
    return stream


def kind(status: int = 200, *, log_format: str = "json") -> Kind:
    return Kind(endpoint="jwks", request="GET keys", status=status, log_format=log_format)


class TestRecord:
    @pytest.mark.django_db
    def test_writes_the_line_that_the_middleware_writes(
        self, client: Client, written: StringIO
    ) -> None:
        client.get("/livez")
        batches.record([(kind(), "ecd37efd-6530-4e71-ac39-562add71d488", 1_700_000_000.25, 0.01)])
        theirs, ours = map(json.loads, written.getvalue().splitlines()[-2:])
        assert ours.keys() == theirs.keys()
        for name in ("code", "event", "level", "logger"):
            assert ours[name] == theirs[name]
        assert ours["request"] == "GET keys"
        assert ours["request_id"] == "ecd37efd-6530-4e71-ac39-562add71d488"
        assert ours["timestamp"] == "2023-11-14T22:13:20.250000Z"

    def test_writes_every_line_whole_and_few_at_a_time(
        self, written: StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes: list[int] = []
        write = written.write

        def measured(text: str) -> int:
            sizes.append(len(text))
            return write(text)

        monkeypatch.setattr(written, "write", measured)
        batches.record([(kind(), str(number), 0.5, 0.01) for number in range(100)])
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        assert [line["request_id"] for line in lines] == [str(number) for number in range(100)]
        assert max(sizes) < 8_192

    def test_is_readable_by_eye_where_that_is_asked_for(self, written: StringIO) -> None:
        batches.record([(kind(log_format="console"), "an-id", 0.5, 0.01)])
        assert "request_finished" in written.getvalue()
        assert "code=200 request='GET keys' request_id=an-id" in written.getvalue()

    def test_counts_by_endpoint_and_status(self) -> None:
        def counted(status: str) -> float:
            labels = {"endpoint": "jwks", "status": status}
            return REGISTRY.get_sample_value("cert_api_requests_total", labels) or 0

        def timed() -> float:
            name = "cert_api_duration_seconds_count"
            return REGISTRY.get_sample_value(name, {"endpoint": "jwks"}) or 0

        before = counted("200"), counted("304"), timed()
        found, unchanged = kind(200), kind(304)
        batches.record([(found, "a", 0.5, 0.01), (unchanged, "b", 0.5, 0.02), (found, "c", 1, 9)])
        assert (counted("200"), counted("304"), timed()) == (
            before[0] + 2,
            before[1] + 1,
            before[2] + 3,
        )


class TestObserveMany:
    def test_is_observing_one_by_one(self) -> None:
        amounts = [0.0, 0.005, 0.0050001, 0.01, 0.3, 5.0, 5.1, 1e9]
        bounds = metrics.API_DURATION._kwargs["buckets"]
        registry = CollectorRegistry()
        singly = Histogram("singly", "x", registry=registry, buckets=bounds)
        together = Histogram("together", "x", registry=registry, buckets=bounds)
        for amount in amounts:
            singly.observe(amount)
        metrics.observe_many(together, amounts)
        one, other = (
            [
                (sample.name.removeprefix(metric.name), sample.labels, sample.value)
                for sample in metric.samples
            ]
            for metric in registry.collect()
        )
        assert one == other


class TestEmitMany:
    LINES: ClassVar[list[dict[str, Any]]] = [
        {"certificate_id": "c1", "template_id": "t", "source_lag": 1.5},
        {"certificate_id": "c2", "template_id": 'زوي "quoted"'},
    ]

    def test_writes_the_lines_that_emit_writes(self, written: StringIO) -> None:
        with bound_contextvars(request_id="ecd37efd-6530-4e71-ac39-562add71d488", attempt=2):
            for one in self.LINES:
                emit(Event.CERTIFICATE_ISSUED, tenant_id="t1", **one)
            batches.emit_many(Event.CERTIFICATE_ISSUED, tenant_id="t1", many=self.LINES)
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        assert all(line.pop("timestamp") for line in lines)
        assert lines[:2] == lines[2:]

    def test_lets_no_token_through(self, written: StringIO) -> None:
        token = format_token(new_token())
        for many in ([{"certificate_id": token}], [{"certificate_id": "ada@example.org"}] * 30):
            batches.emit_many(Event.CERTIFICATE_ISSUED, tenant_id="t1", many=many)
        assert token not in written.getvalue()
        assert "ada@" not in written.getvalue()
        assert written.getvalue().count("[e-mail]") == 30

    def test_refuses_an_attribute_the_catalogue_does_not_name(self) -> None:
        with pytest.raises(ValueError, match="has no attribute recipient_name"):
            batches.emit_many(
                Event.CERTIFICATE_ISSUED, tenant_id="", many=[{"recipient_name": "x"}]
            )

    def test_writes_lines_for_the_eye_where_those_are_wanted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "is_json", lambda: False)
        with capture_logs() as lines:
            batches.emit_many(Event.CERTIFICATE_ISSUED, tenant_id="t1", many=self.LINES)
        assert [line["certificate_id"] for line in lines] == ["c1", "c2"]
