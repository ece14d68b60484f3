"""Carry a trace and a request id across the outbox, from the request to the task."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, propagate
from structlog.contextvars import bound_contextvars, get_contextvars


def carry() -> dict[str, str]:
    """Return what a message needs so that its task continues this trace and request."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    request_id = get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = str(request_id)
    return headers


@contextmanager
def carried(headers: Mapping[str, str], **values: object) -> Iterator[None]:
    """Continue the trace and the request id that `carry` noted; log lines carry `values` too."""
    bound = dict(values)
    if "request_id" in headers:
        bound["request_id"] = headers["request_id"]
    token = context.attach(propagate.extract(headers))
    try:
        with bound_contextvars(**bound):
            yield
    finally:
        context.detach(token)
