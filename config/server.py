"""The processes behind `manage.py serve`: web workers and, in embedded mode, the outbox relay.

The parent imports no Django: it starts children, watches them, and ends them. All stay in one
process group. A child whose parent is killed ends by itself. SIGHUP replaces the web workers, one
after the other, by ones that run the code as it is now.
"""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketSpec  # type: ignore[attr-defined]
from granian.server.mp import MPServer

from config import hardening

ROOT = Path(__file__).resolve().parents[1]
# Requests under way when SIGTERM arrives, and the relay's batch, get this long to finish.
STOP_SECONDS = 10
THREADS = 8
# The metrics library's files of one process, and a size they do not outgrow.
METRICS_FILES = ("counter", "histogram")
METRICS_BYTES = 1 << 20
# The relay comes back at once after a lone failure, and ever more slowly while it keeps failing.
RESTART_SECONDS = (0.5, 1, 2, 5, 15, 30)
HEALTHY_SECONDS = 60
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent ends, however it ends (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _leave_interrupts_to_the_parent() -> None:
    """Block SIGINT in this thread, and in what it starts.

    Ctrl-C reaches the whole group, but the parent alone acts on it and ends its children in turn.
    Blocked, not ignored: a child installs handlers of its own, which would lift the latter.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def load_application() -> Callable[..., Any]:
    """Return the WSGI application; runs in each web worker."""
    end_with_parent()
    _leave_interrupts_to_the_parent()
    reserve_metrics_files()
    from config.wsgi import application  # noqa: PLC0415 - Django belongs to the workers

    return application


def reserve_metrics_files() -> None:
    """Give this process's metrics files their place on the disk, before the library maps them.

    The library maps holes, and writing into a hole of a full disk kills the process (SIGBUS).
    Where there is no place, this process counts for itself alone, and answers.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return
    try:
        for kind in METRICS_FILES:
            with (Path(folder) / f"{kind}_{os.getpid()}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, METRICS_BYTES)
    except OSError as error:
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]
        print(f"Metrics of process {os.getpid()} are not shared: {error}", file=sys.stderr)  # noqa: T201


class Web(MPServer):
    """Granian, with one listening socket for all workers.

    It binds one a worker by default on Linux; connections that wait in a worker's own queue are
    reset when that worker ends. In a shared queue they wait for the next worker, and while the
    parent lives none is refused.
    """

    def _init_shared_socket(self) -> None:
        shared: Any = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._shd, self._sfd = shared, shared.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        """Replace the workers, once the code as it is now is seen to start."""
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        # It must not count: its figures would stay beside those of the workers.
        environ = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
        trial = subprocess.run(
            [sys.executable, "-c", "import config.wsgi"], env=environ, check=False
        )
        if trial.returncode:
            print("The new code does not start: the workers stay as they are.", file=sys.stderr)  # noqa: T201
        else:
            super()._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]


class Relay:
    """The relay as a child process: started again when it dies, ended with the service."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="relay")

    def start(self) -> None:
        """Start the relay and the thread that watches it; return once the relay is there.

        A web worker forked meanwhile would inherit the pipe on which Popen awaits the relay, and
        the thread would wait for that worker's end instead of watching.
        """
        self._thread.start()
        self._started.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End the relay; it finishes its batch first."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        if process is not None and process.poll() is None:
            process.kill()

    def _keep_running(self) -> None:
        _leave_interrupts_to_the_parent()
        failures = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            # One system call and no lock between fork and exec. The kernel watches the thread
            # that forked, which lives as long as the relay is wanted.
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                preexec_fn=end_with_parent,  # noqa: PLW1509
            )
            self._started.set()
            if self._stopping.is_set():
                self._process.terminate()
            status = self._process.wait()
            healthy = time.monotonic() - started > HEALTHY_SECONDS
            failures = 1 if healthy else failures + 1
            pause = RESTART_SECONDS[min(failures, len(RESTART_SECONDS)) - 1]
            if not self._stopping.wait(pause):
                print(  # noqa: T201
                    f"The relay ended with status {status} and starts again.", file=sys.stderr
                )


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP replaces the web workers."""
    parser = argparse.ArgumentParser(prog="python -m config.server")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--workers", required=True, type=int)
    parser.add_argument("--relay", action="store_true")
    options = parser.parse_args(arguments)
    hardening.keep_memory_private()  # secrets may stand in the environment
    server = Web(
        "config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,  # an idle thread keeps its database connection
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,  # addresses hold verification tokens
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    relay = Relay([sys.executable, str(ROOT / "manage.py"), "relay"])
    if options.relay:
        server.on_startup(relay.start)
    try:
        server.serve(target_loader=load_application, wrap_loader=False)
    finally:
        relay.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
