"""Answer a verdict from memory within the minute it was reached in, unless anything changed since.

Each hit compares numbers in shared memory, so a withdrawal shows with the next request. While the
database is away a verdict is given out beyond its minute: it says itself when it was reached.
"""

import re
import threading
import uuid
from collections.abc import Callable, Iterable
from itertools import count
from time import monotonic, perf_counter, time
from typing import Any

from config.front.admission import Admission, has_already
from config.front.application import WSGI
from config.front.generation import Generation, slot
from config.front.memory import Asked, Kept, Memory, without_content
from config.front.store import Headers
from observability.batches import Kind
from observability.origins import Origin
from verification.answered import Answered, Hit

# As our own links write it. Any other writing of a code is read, and answered, by Django.
_PATH = re.compile(r"/(?:api/v1/)?verify/([0-9A-Z]{4}(?:-[0-9A-Z]{4}){6})")
_QUERY = re.compile(r"(?:lang=[a-zA-Z-]{1,12})?")
_LONGEST_HEADER = 512
# How long one who asks the same is waited for.
_TURN_SECONDS = 1.0
# How old a verdict may grow while the database is away.
OLDEST_SECONDS = 3_600.0


class Verdicts:
    """Stands between the front and Django."""

    def __init__(
        self,
        application: WSGI,
        *,
        memory: Memory,
        generation: Generation,
        admission: Admission,
        kinds: Callable[[str], tuple[Kind, Kind]],
        tell: Callable[[Hit], None],
        origin: Callable[[dict[str, Any]], Origin],
        is_away: Callable[[float], bool],
        clock: Callable[[], float] = time,
    ) -> None:
        self._application = application
        self._memory = memory
        self._generation = generation
        self._admission = admission
        self._kinds = kinds
        self._tell = tell
        self._origin = origin
        self._is_away = is_away
        self._clock = clock
        self._reading: dict[Asked, threading.Event] = {}
        # A UUID (version 4) for each answer: random for the process, and counted within it.
        self._id, self._numbers = str(uuid.uuid4())[:24], count(1)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer from memory, or let Django and keep what it said."""
        started = perf_counter()
        match = _PATH.fullmatch(environ["PATH_INFO"])
        if match is None or not self._takes(environ):
            return self._application(environ, start_response)
        asked = Asked(
            environ["PATH_INFO"],
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            environ.get("QUERY_STRING", ""),
            self._admission.is_secure(environ),
            slot(match[1].replace("-", "")),
        )
        kept = self._true(asked) or self._in_turn(asked)
        if kept is None:
            try:
                return self._ask(asked, environ, start_response)
            finally:
                self._reading.pop(asked, threading.Event()).set()
        request_id = f"{self._id}{next(self._numbers):012x}"
        if has_already(environ, kept.etag):
            line, headers, body, kind = "304 Not Modified", kept.unchanged, b"", kept.kinds[1]
        else:
            line, headers, body, kind = "200 OK", kept.found, kept.body, kept.kinds[0]
        start_response(line, [*headers, ("X-Request-ID", request_id)])
        origin = self._origin(environ)
        seconds = perf_counter() - started
        self._tell((kept.answered, kind, request_id, self._clock(), seconds, origin))
        return [body]

    def _takes(self, environ: dict[str, Any]) -> bool:
        return (
            environ["REQUEST_METHOD"] == "GET"
            and self._admission.takes(environ)
            and _QUERY.fullmatch(environ.get("QUERY_STRING", "")) is not None
            and len(environ.get("HTTP_ACCEPT", "")) <= _LONGEST_HEADER
            and len(environ.get("HTTP_ACCEPT_LANGUAGE", "")) <= _LONGEST_HEADER
        )

    def _true(self, asked: Asked) -> Kept | None:
        """Return the answer that is still true, or with the database away the last that was."""
        kept = self._memory.find(asked)
        if kept is None or kept.seen != self._generation.seen(asked.slot):
            return None
        now, answered = self._clock(), kept.answered
        if answered.since <= now < answered.until:
            return kept
        ends = min(answered.ends, answered.until + OLDEST_SECONDS)
        if answered.since <= now < ends and self._is_away(monotonic()):
            return kept
        return None

    def _in_turn(self, asked: Asked) -> Kept | None:
        """Return what another found who asks the same just now; None: go and read it."""
        mine = threading.Event()
        leader = self._reading.setdefault(asked, mine)
        if leader is mine:
            return None
        leader.wait(_TURN_SECONDS)
        return self._true(asked)

    def _ask(
        self, asked: Asked, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        said: list[tuple[str, Headers]] = []

        def start(line: str, headers: Headers, *error: Any) -> Any:
            said.append((line, headers))
            return start_response(line, headers, *error)

        # Before the rows are read: what changes meanwhile makes the answer an old one at once.
        seen = self._generation.seen(asked.slot)
        response = self._application(environ, start)
        answered: Answered | None = environ.pop(Answered.NAME, None)
        if answered is None or [line for line, _ in said] != ["200 OK"]:
            return response
        headers = [header for header in said[0][1] if header[0] != "X-Request-ID"]
        named = dict(headers)
        if "ETag" in named and "Set-Cookie" not in named:
            kept = Kept(
                etag=named["ETag"],
                body=b"".join(response),  # Django's own response: it can be read twice
                found=headers,
                unchanged=without_content(headers),
                seen=seen,
                answered=answered,
                kinds=self._kinds(asked.path),
            )
            self._memory.keep(asked, kept)
        return response
