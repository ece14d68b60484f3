"""Whose turn it is where tasks run one after another: lanes share time, not messages.

So a completion that takes a millisecond to issue never waits for a backlog of files that take
half a second each; and the files still get their half of the time.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from outbox.lanes import Lane


class Turns:
    """How much time each lane that is waiting has had, in one process."""

    def __init__(self) -> None:
        self._had: dict[tuple[str, str], float] = {}

    def next_of(self, due: Sequence[Lane]) -> list[Lane]:
        """Return the due lane that has had the least time, if there is one.

        A lane that was idle begins where the least served one stands: it is owed nothing for
        the time in which it wanted nothing.
        """
        waiting = [(lane.tenant_id, lane.task) for lane in due]
        start = min((self._had[key] for key in waiting if key in self._had), default=0.0)
        self._had = {key: self._had.get(key, start) for key in waiting}
        return sorted(due, key=lambda lane: self._had[lane.tenant_id, lane.task])[:1]

    @contextmanager
    def timed(self, lane: Lane) -> Iterator[None]:
        """Count the time of a block as a lane's."""
        started = time.monotonic()
        yield
        key = (lane.tenant_id, lane.task)
        self._had[key] = self._had.get(key, 0.0) + time.monotonic() - started
