"""Structured logs: one chain for our own lines and for every library's, redacted last."""

import logging
import logging.config
import sys
from typing import Any

import structlog
from opentelemetry import trace

from observability.redaction import redact

Processor = structlog.typing.Processor


_configured = {"log_format": "json"}


def configure(*, log_format: str, log_file: str) -> None:
    """Send every log line, JSON or for the eye, to the file or else to standard error."""
    _configured["log_format"] = log_format
    handler: dict[str, Any] = {"class": "logging.StreamHandler", "stream": sys.stderr}
    if log_file:
        # Appending: several processes write whole lines into one file, and rotation may move it.
        handler = {"class": "logging.handlers.WatchedFileHandler", "filename": log_file}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [_route_instead_of_path, *_shared()],
                    "processors": _rendering(log_format),
                },
                "finished": {"format": "%(message)s"},
            },
            "handlers": {
                "default": {**handler, "formatter": "structured"},
                "finished": {**handler, "formatter": "finished"},
            },
            "root": {"handlers": ["default"], "level": "INFO"},
            # The request's own line tells of 4xx answers; Django's would repeat the path.
            "loggers": {
                "django.request": {"level": "ERROR"},
                # Many lines in one record, each finished and free of what is redacted.
                "observability.batches": {"handlers": ["finished"], "propagate": False},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def is_json() -> bool:
    """Say whether lines are written for machines."""
    return _configured["log_format"] == "json"


def shared_facts(logger: str) -> dict[str, Any]:
    """Return what every info line of a logger says at this moment: time, request, trace."""
    facts: Any = {}
    for processor in _shared():
        facts = processor(logging.getLogger(logger), "info", facts)  # noqa: TID251 - its name only
    return dict(facts)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _trace_ids,
    ]


def _rendering(log_format: str) -> list[Processor]:
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    # The redactor works on the finished line: no nesting, key or traceback escapes it.
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _redacted]


def _redacted(_logger: Any, _method: str, line: Any) -> str:
    return redact(line)


def _trace_ids(_logger: Any, _method: str, event: Any) -> Any:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = trace.format_trace_id(span.trace_id)
        event["span_id"] = trace.format_span_id(span.span_id)
    return event


def _route_instead_of_path(_logger: Any, _method: str, event: Any) -> Any:
    """Replace the path, which may hold a token, in the lines Django writes about a request."""
    record: logging.LogRecord = event["_record"]
    path = getattr(getattr(record, "request", None), "path", None)
    if path and path != "/":
        event["event"] = str(event["event"]).replace(path, "[path]")
    return event
