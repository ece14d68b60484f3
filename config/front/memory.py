"""Finished verdicts, the newest of each path, language and form, as many as fit."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from config.front.generation import Seen
from config.front.store import Headers
from observability.batches import Kind
from verification.answered import Answered

MOST_BYTES = 32 * 1024 * 1024
# A verdict costs about this much beside its bytes: headers, keys, what is told of it.
OVERHEAD = 4_096
_MOST_VARIANTS = 2_000
# What a 304 leaves out, as Django does.
_OF_CONTENT = ("Content-Type", "Content-Language", "X-Robots-Tag", "Access-Control-")


class Asked(NamedTuple):
    """What an answer depends on: the path, and what the request says of language and form."""

    path: str
    accept: str
    accept_language: str
    query: str
    is_secure: bool
    slot: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One finished answer, what it hangs on, and how it is told."""

    etag: str
    body: bytes
    found: Headers
    unchanged: Headers
    seen: Seen
    answered: Answered
    kinds: tuple[Kind, Kind]


# Content type and language, as Django chose them.
_Variant = tuple[str, str]
_Key = tuple[str, _Variant, str, bool]


class Memory:
    """What this process may answer again.

    Browsers say in many ways that they want an English page: which headers lead to which variant
    is learnt from Django's answers, so all of them find the same bytes.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: dict[_Key, Kept] = {}
        self._variants: dict[tuple[str, str, str], _Variant] = {}
        self._lock = threading.Lock()

    def find(self, asked: Asked) -> Kept | None:
        """Return what was answered to the like of this, whether or not it is still true."""
        variant = self._variants.get(asked[1:4])
        if variant is None:
            return None
        return self._kept.get((asked.path, variant, asked.query, asked.is_secure))

    def keep(self, asked: Asked, kept: Kept) -> None:
        """Take it as the newest, and let the oldest go when there is no room."""
        named = dict(kept.found)
        variant = (named.get("Content-Type", ""), named.get("Content-Language", ""))
        key = (asked.path, variant, asked.query, asked.is_secure)
        with self._lock:
            if len(self._variants) >= _MOST_VARIANTS:
                self._variants.clear()
            self._variants[asked[1:4]] = variant
            self._drop(key)
            self._kept[key] = kept
            self._bytes += len(kept.body) + OVERHEAD
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._bytes -= len(old.body) + OVERHEAD


def without_content(headers: Sequence[tuple[str, str]]) -> Headers:
    """Return the headers of a 304 for an answer with these."""
    return [
        (name, "0" if name == "Content-Length" else value)
        for name, value in headers
        if not name.startswith(_OF_CONTENT)
    ]
