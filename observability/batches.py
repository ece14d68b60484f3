"""Count and log many things at once: one by one costs more than to do them."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from observability import events, metrics
from observability.events import Event
from observability.logging import is_json, shared_facts
from observability.redaction import redact

# The logger and the event that requests through Django's middleware are known by.
_LOGGER = "django_structlog.middlewares.request"
_EVENT = "request_finished"
# A record is one write: shorter than a file's buffer, so that no other process's line cuts it.
_LINES_A_RECORD = 24
_json = json.JSONEncoder(ensure_ascii=False).encode


class Kind:
    """What many requests share: their series, and their log line but for moment and id."""

    __slots__ = ("endpoint", "line", "status")

    def __init__(self, *, endpoint: str, request: str, status: int, log_format: str) -> None:
        """Prepare a kind; `request` is method and route, never the path."""
        self.endpoint = endpoint
        self.status = str(status)
        self.line = line(_EVENT, _LOGGER, {"code": status, "request": request}, log_format)


def line(event: str, logger: str, members: Mapping[str, object], log_format: str) -> str:
    """Return a log line with two places left: for the moment, and for the request's id."""
    if log_format == "json":
        said = {**members, "event": event, "level": "info", "logger": logger}
        fixed = json.dumps(said, ensure_ascii=False).removeprefix("{").replace("%", "%%")
        return f'{{"timestamp": "%s", "request_id": "%s", {fixed}'
    said = {name: repr(value) if " " in str(value) else value for name, value in members.items()}
    words = " ".join(f"{name}={value}" for name, value in said.items()).replace("%", "%%")
    return f"%s [info     ] {event} [{logger}] {words} request_id=%s"


# Its kind, request id, Unix time, and the seconds it took.
Finished = tuple[Kind, str, float, float]


def record(requests: Iterable[Finished]) -> None:
    """Count, time and log each of them."""
    requests = list(requests)
    _count(requests)
    log((kind.line, at, request_id) for kind, request_id, at, _ in requests)


def emit_many(event: Event, *, tenant_id: str, many: Sequence[Mapping[str, Any]]) -> None:
    """Write the line that `events.emit` would write of each, all at one moment."""
    if not is_json():
        for attributes in many:
            events.emit(event, tenant_id=tenant_id, **attributes)
        return
    common = _json({**shared_facts(events.LOGGER), "event": event.value})[:-1]
    lines = [
        f"{common}, {_json(events.event_members(event, tenant_id=tenant_id, **attributes))[1:]}"
        for attributes in many
    ]
    _write(lines, redact)


def _count(requests: list[Finished]) -> None:
    for kind, number in Counter(request[0] for request in requests).items():
        metrics.API_REQUESTS.labels(kind.endpoint, kind.status).inc(number)
    durations: dict[str, list[float]] = {}
    for kind, _, _, seconds in requests:
        durations.setdefault(kind.endpoint, []).append(seconds)
    for endpoint, amounts in durations.items():
        metrics.observe_many(metrics.API_DURATION.labels(endpoint), amounts)


def log(answers: Iterable[tuple[str, float, str]]) -> None:
    """Write lines that `line` made, each with its moment (Unix time) and its request's id."""
    lines = []
    second, text = 0, ""
    for form, at, request_id in answers:
        if int(at) != second:
            second = int(at)
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        lines.append(form % (f"{text}.{int((at - second) * 1e6):06d}Z", request_id))
    _write(lines)


def _write(lines: Sequence[str], finish: Callable[[str], str] = str) -> None:
    logger = logging.getLogger("observability.batches")  # noqa: TID251 - finished lines, no events
    for start in range(0, len(lines), _LINES_A_RECORD):
        logger.info(finish("\n".join(lines[start : start + _LINES_A_RECORD])))
