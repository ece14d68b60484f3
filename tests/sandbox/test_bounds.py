"""A block that computes too long is stopped, in Python by an exception, in C with its process."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from sandbox.bounds import bounded

# A loop in C that looks for no signal.
LOOP_IN_C = """
import collections, itertools, sandbox.bounds
sandbox.bounds.GRACE_SECONDS = 0.2
with sandbox.bounds.bounded(seconds=0.2, error=RuntimeError):
    collections.deque(itertools.repeat(0), maxlen=0)
"""


def too_long() -> Exception:
    return TimeoutError("computed too long")


def spin() -> None:
    while True:
        pass


class TestBounded:
    def test_stops_a_loop(self) -> None:
        with pytest.raises(TimeoutError, match="too long"), bounded(seconds=0.2, error=too_long):
            spin()

    def test_counts_work_and_no_waiting(self) -> None:
        with bounded(seconds=0.2, error=too_long):
            threading.Event().wait(0.5)

    def test_leaves_no_timer_behind(self) -> None:
        former = signal.getsignal(signal.SIGPROF)
        with bounded(seconds=0.1, error=too_long):
            pass
        assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGPROF) == former
        used = time.process_time() + 0.2
        while time.process_time() < used:
            pass

    def test_ends_a_process_that_hears_nothing(self) -> None:
        done = subprocess.run([sys.executable, "-c", LOOP_IN_C], check=False, timeout=60)
        assert done.returncode == -signal.SIGVTALRM
