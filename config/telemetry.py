"""Traces: off without OTEL_EXPORTER_OTLP_ENDPOINT, without tokens always."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from opentelemetry import trace

# Attributes the libraries fill with the path or the query, by old and new conventions.
_PATHS = ("url.path", "url.full", "url.query", "http.target", "http.url")


def start() -> None:
    """Begin to trace in this process; once per worker, after the fork.

    The web server calls it before it loads the WSGI application, whose middleware chain is
    read once. Without an endpoint nothing is imported, started or retried.
    """
    endpoint: str = settings.OTEL_EXPORTER_OTLP_ENDPOINT
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - only when on
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # The SDK reads the endpoint itself, and adds the path of the signal as its standard says.
    install(BatchSpanProcessor(OTLPSpanExporter()))


def install(processor: Any) -> None:
    """Trace to the given processor, behind the redactor."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    from observability.span_redaction import RedactingProcessor  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource.create(
            {
                "service.name": "certification",
                "service.version": settings.VERSION,
                "deployment.environment": "embedded" if settings.EMBEDDED else "production",
            }
        )
    )
    provider.add_span_processor(RedactingProcessor(processor))
    trace.set_tracer_provider(provider)
    _instrument()


def stop() -> None:
    """Send what is still held, before the process ends."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown:
        shutdown()


class PublicRootMiddleware:
    """Public pages start their own trace: a stranger's `traceparent` could force sampling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        trusted = request.path.startswith("/api/") and "/verify/" not in request.path
        if not trusted:
            request.META.pop("HTTP_TRACEPARENT", None)
            request.META.pop("HTTP_TRACESTATE", None)
        return self.get_response(request)


def _instrument() -> None:
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.redis import RedisInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor  # noqa: PLC0415

    settings.MIDDLEWARE = ["config.telemetry.PublicRootMiddleware", *settings.MIDDLEWARE]
    DjangoInstrumentor().instrument(
        request_hook=_hide_path, response_hook=_name_route, middleware_position=1
    )
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    # The distribution is psycopg2-binary, which the dependency check does not know.
    Psycopg2Instrumentor().instrument(skip_dep_check=True)
    SQLite3Instrumentor().instrument()
    RedisInstrumentor().instrument()


def _hide_path(span: trace.Span, _request: HttpRequest) -> None:
    _overwrite(span, "[path]")


def _name_route(span: trace.Span, request: HttpRequest, _response: HttpResponse) -> None:
    match = request.resolver_match
    _overwrite(span, f"/{match.route}" if match else "[unmatched]")


def _overwrite(span: trace.Span, text: str) -> None:
    if span.is_recording():
        span.set_attributes(dict.fromkeys(_PATHS, text))
