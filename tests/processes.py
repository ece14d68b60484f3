"""Start, await and end the processes a test needs; nothing waits without a deadline."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

DEADLINE_SECONDS = 120.0
_PAUSE_SECONDS = 0.02

Process = subprocess.Popen[bytes] | subprocess.Popen[str]


def free_port() -> int:
    """Return a port of the loopback that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(
    condition: Callable[[], bool],
    *,
    what: str,
    process: Process | None = None,
    seconds: float = DEADLINE_SECONDS,
) -> None:
    """Return once `condition` holds; raise when time is up or `process` has ended."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: the process ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} seconds")
        time.sleep(_PAUSE_SECONDS)


def stop(process: Process, how: int = signal.SIGTERM, *, seconds: float = DEADLINE_SECONDS) -> int:
    """Ask a process to end and return its status; after `seconds` it is killed."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def kill_group(process: Process) -> None:
    """Kill a process and all it started, at once, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
