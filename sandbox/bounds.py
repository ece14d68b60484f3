"""Stop what computes for too long in this very process: by an exception, else with the process."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# A library that loops in C hears of no exception; so much later the kernel ends the process.
GRACE_SECONDS = 2.0


@contextmanager
def bounded(*, seconds: float, error: Callable[[], Exception]) -> Iterator[None]:
    """Let a block use so many seconds of the processor, however busy the machine; then raise.

    Signals reach the main thread alone: elsewhere nothing is bounded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise error()

    former = {
        signal.SIGPROF: signal.signal(signal.SIGPROF, stop),
        signal.SIGVTALRM: signal.signal(signal.SIGVTALRM, signal.SIG_DFL),
    }
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds + GRACE_SECONDS)
    try:
        yield
    finally:
        for timer in (signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):
            signal.setitimer(timer, 0)
        for number, handler in former.items():
            signal.signal(number, handler)
