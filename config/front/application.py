"""Answer what the store holds and hand everything else on: no Django on the way of a hit."""

import uuid
from collections.abc import Callable, Iterable
from itertools import count
from time import perf_counter, time
from typing import Any

from config.front.admission import Admission, Rules, has_already
from config.front.generation import Generation
from config.front.store import Store
from observability.batches import Finished

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Front:
    """The application that the web server calls."""

    def __init__(
        self,
        application: WSGI,
        *,
        store: Store,
        generation: Generation,
        rules: Rules,
        tell: Callable[[Finished], None],
        refresh: Callable[[], None],
    ) -> None:
        self._application = application
        self._store = store
        self._generation = generation
        self._admission = Admission(rules)
        self._tell = tell
        self._refresh = refresh
        self._preflight = rules.preflight
        self._plain = rules.everywhere
        self._secure = [*rules.everywhere, *rules.https_only]
        # A UUID (version 4) for each answer: random for the process, and counted within it.
        self._id, self._numbers = str(uuid.uuid4())[:24], count(1)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer from memory, or let what stands behind."""
        entry = self._store.entries.get(environ["PATH_INFO"])
        if entry is None or not self._admission.takes(environ):
            return self._application(environ, start_response)
        started = perf_counter()
        if self._generation.counters[0] != self._store.generation:
            self._refresh()  # meanwhile the last good document is better than none
        method = environ["REQUEST_METHOD"]
        found, unchanged = entry.kinds[method]
        if method == "OPTIONS":
            line, own, body, kind = "204 No Content", self._preflight, b"", found
        elif has_already(environ, entry.etag):
            line, own, body, kind = "304 Not Modified", entry.unchanged, b"", unchanged
        else:
            line, own, body, kind = "200 OK", entry.found, entry.body, found
        request_id = f"{self._id}{next(self._numbers):012x}"
        shared = self._secure if self._admission.is_secure(environ) else self._plain
        start_response(line, [*own, *shared, ("X-Request-ID", request_id)])
        self._tell((kind, request_id, time(), perf_counter() - started))
        return [body]
