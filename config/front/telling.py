"""Answers wait here until a thread counts and logs them: each second, and at the process's end."""

import threading
from collections import deque
from collections.abc import Callable
from multiprocessing import util
from typing import Generic, TypeVar

import structlog

_SECONDS = 1.0
# If the thread cannot keep up, the oldest are dropped: answering comes before telling.
_MOST = 100_000

_log = structlog.get_logger("front")
Answer = TypeVar("Answer")


class Ledger(Generic[Answer]):
    """What this process answered and has not told yet; `record` tells many at once."""

    def __init__(self, record: Callable[[list[Answer]], None]) -> None:
        self._record = record
        self._waiting: deque[Answer] = deque(maxlen=_MOST)
        self.tell = self._waiting.append  # safe from every thread, and cannot fail

    def start(self) -> None:
        """Start the thread that writes."""
        threading.Thread(target=self._write_for_ever, name="front-ledger", daemon=True).start()
        # Unlike atexit, this also runs at the end of a multiprocessing child.
        util.Finalize(None, self.write, exitpriority=10)

    def write(self) -> None:
        """Tell what waits; a failure here must never reach a reader."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not taken:
            return
        try:
            self._record(taken)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the next ones are told
            _log.warning("front.answers_untold", number=len(taken), error=type(error).__name__)

    def _write_for_ever(self) -> None:
        pause = threading.Event()
        while not pause.wait(_SECONDS):
            self.write()
