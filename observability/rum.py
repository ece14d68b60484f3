"""What browsers report of our pages (OBSERVABILITY-spec, section 7): read, judged, limited."""

import secrets
import threading
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic

import orjson

LONGEST = 1024
PAGES = ("learner_certificate", "verifier")
# As web-vitals names how a page came to be shown.
_ORDINARY = ("navigate", "reload", "back-forward")
# From the browser's own memory, or before anybody asked: their times say nothing of ours.
_APART = ("back-forward-cache", "prerender", "restore", "soft-navigation")
_MEMBERS = frozenset("mvpn")
_MOST = 60_000
_PLACES = 1 << 14
_MINUTE = 60.0


class NoReport(ValueError):
    """The body is none of our script's."""


@dataclass(frozen=True)
class Report:
    """One measurement: LCP and INP in seconds, CLS as it is. `is_apart`: not to be mixed in."""

    metric: str
    value: float
    page: str
    is_apart: bool


def read(body: bytes) -> Report:
    """Return the report in a body of JSON: `m` metric, `v` value, `p` page, `n` navigation.

    Times come in milliseconds, above 0 and below a minute; a layout that never shifted is a 0.
    Raises NoReport.
    """
    if len(body) > LONGEST:
        raise NoReport(f"it is longer than {LONGEST} bytes")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoReport(str(error)) from error
    if not isinstance(said, dict) or said.keys() != _MEMBERS:
        raise NoReport("an object of m, v, p and n is expected")
    metric, value, page, navigation = (said[name] for name in "mvpn")
    if page not in PAGES or navigation not in (*_ORDINARY, *_APART):
        raise NoReport("no such page or navigation")
    if type(value) not in (int, float) or not 0 <= value < _MOST:
        raise NoReport("the value is out of range")
    if metric in ("LCP", "INP") and value:
        return Report(metric, value / 1_000, page, navigation in _APART)
    if metric == "CLS":
        return Report(metric, value, page, navigation in _APART)
    raise NoReport("no such metric, or one that took no time")


class Limit:
    """How many reports an address may send a minute, in a table that holds no address.

    Each falls into a place by a hash with a key of this process's own. Two that meet share it.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._began = clock()
        self._counts = array("I", bytes(4 * _PLACES))
        self._lock = threading.Lock()

    def admits(self, address: str) -> bool:
        """Count one report and say whether it is within the limit."""
        digest = blake2b(address.encode(), key=self._key, digest_size=4).digest()
        place = int.from_bytes(digest) % _PLACES
        with self._lock:
            if self._clock() - self._began >= _MINUTE:
                self._began = self._clock()
                self._counts = array("I", bytes(4 * _PLACES))
            self._counts[place] += 1
            return self._counts[place] <= self._most
