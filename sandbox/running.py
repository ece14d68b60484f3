"""Run a function of ours on a stranger's data in a child process with limits and no secrets."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

_ROOT = Path(__file__).resolve().parents[1]
_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Limits:
    """What a child may use: bytes of memory and of its answer, seconds of processor and clock.

    While a child is ready and other processes have the processor, its clock stands still: what
    is sound is not at fault for a busy machine. `patience` counts that as well, as the last net.
    """

    memory: int = 1024**3
    cpu: int = 8
    answer: int = 48 * 1024**2  # less than a child may write at all
    wall: float = 9.5  # with what comes before and after, an answer within ten
    patience: float = 60.0  # less than a task of a worker may take


class Stopped(Exception):
    """A child that went beyond a limit; `limit` is `timeout` or `resource_limit`."""

    def __init__(self, limit: str, reason: str) -> None:
        super().__init__(reason)
        self.limit = limit


class Failed(Exception):
    """What the function raised, as `Type: message`."""


def run(
    call: str,
    request: Mapping[str, Any],
    *,
    files: Mapping[str, bytes],
    limits: Limits = Limits(),
) -> tuple[Any, bytes]:
    """Call `module:function` with a request and a folder of files, apart from this process.

    Returns the function's facts and bytes. Names of files must be the caller's own. Raises
    Stopped or Failed.
    """
    # The answer goes to a file: what is too long is never held in this process.
    with TemporaryDirectory(prefix="sandbox-") as directory, TemporaryFile() as answer:
        folder = Path(directory)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        process = _start(call, folder, limits, answer)
        try:
            _converse(process, json.dumps(request).encode(), limits)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
        return _read(answer, process.returncode, limits)


def _start(call: str, folder: Path, limits: Limits, answer: IO[bytes]) -> subprocess.Popen[bytes]:
    # Isolated mode: no user site, no PYTHON* variables; nothing of our own environment goes along.
    arguments = [str(_ROOT), str(folder), call, str(limits.memory), str(limits.cpu)]
    environment = {"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-I", "-B", str(_CHILD), *arguments],
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        close_fds=True,
        start_new_session=True,
    )


def _converse(process: subprocess.Popen[bytes], request: bytes, limits: Limits) -> None:
    """Hand over the request and wait for the end, as long as the limits allow."""
    started = time.monotonic()
    left, unsent = limits.wall, request
    while True:
        try:
            process.communicate(unsent, timeout=min(left, limits.patience))
        except subprocess.TimeoutExpired:
            unsent = b""  # what is left of it is sent all the same
            passed = time.monotonic() - started
            left = limits.wall - passed + _waited(process.pid)
            if left <= 0:
                raise Stopped("timeout", f"took longer than {limits.wall:g} seconds") from None
            if passed >= limits.patience:
                raise Stopped(
                    "timeout", f"got too little of the processor in {limits.patience:g} seconds"
                ) from None
        else:
            return


def _waited(process: int) -> float:
    """Return the seconds a process was ready to run and others ran; nought where nobody counts.

    Linux, Documentation/scheduler/sched-stats.rst: time run, time waited, in nanoseconds.
    """
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _read(answer: IO[bytes], status: int, limits: Limits) -> tuple[Any, bytes]:
    if status == -signal.SIGXCPU:
        raise Stopped("timeout", f"took more than {limits.cpu} seconds of the processor")
    if os.fstat(answer.fileno()).st_size > limits.answer:
        raise Stopped("resource_limit", f"answered more than {limits.answer // 1024**2} MiB")
    if status:
        raise Stopped("resource_limit", _death(status))
    answer.seek(0)
    line, _, content = answer.read().partition(b"\n")
    try:
        outcome: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        raise Stopped("resource_limit", "answered what cannot be read") from None
    if "stopped" in outcome:
        raise Stopped("resource_limit", f"needs more than {limits.memory // 1024**2} MiB of memory")
    if "failed" in outcome:
        raise Failed(outcome["failed"])
    return outcome["ok"], content


def _death(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with {os.strerror(status) if status > 1 else 'an error'}"
