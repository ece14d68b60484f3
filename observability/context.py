"""Carry a trace and a request id across the outbox, from the request to the task."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, propagate
from structlog.contextvars import bound_contextvars, get_contextvars

from observability import spans


def carry() -> dict[str, str]:
    """Return what a message needs so that its task continues this trace and request."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    request_id = get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = str(request_id)
    return headers


@contextmanager
def carried(
    first: Mapping[str, str], *others: Mapping[str, str], **values: object
) -> Iterator[None]:
    """Continue the trace and the request id that `carry` noted; log lines carry `values` too.

    What is done for several requests at once names all of them in `request_ids`, continues the
    first one's trace, and its spans link to those of the others.
    """
    bound = dict(values)
    requests = list(
        dict.fromkeys(one["request_id"] for one in (first, *others) if "request_id" in one)
    )
    if len(requests) == 1:
        bound["request_id"] = requests[0]
    elif requests:
        bound["request_ids"] = requests
    here = propagate.extract(first)
    if others:
        here = spans.linked([propagate.extract(one) for one in others], here)
    token = context.attach(here)
    try:
        with bound_contextvars(**bound):
            yield
    finally:
        context.detach(token)
