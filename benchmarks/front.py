"""The key set from the front against a bare WSGI answer of the same bytes on the same server.

Each side is `config.server` with one worker: the service as it is (metrics, log lines, request id,
watcher), and an application that returns the same status, headers and body at once. CPU time of
the process tree from /proc, the two sides in turn; the medians' ratio may be 1.5.

Run: python benchmarks/front.py
"""

import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.processes import free_port, stop, wait_until  # noqa: E402 - found by the line above

PATH = "/.well-known/jwks.json"
ROUNDS, REQUESTS, WARM_UP, CONNECTIONS = 12, 10_000, 3_000, 8
LIMIT = 1.5
TICKS = os.sysconf("SC_CLK_TCK")

# The bare side, in place of config.wsgi: what the front answers, headers and all, and no more.
BARE = """
import json, sys
from config import server
status, headers, body = json.load(open(sys.argv.pop(1)))
headers, body = [tuple(header) for header in headers], body.encode()
def application(environ, start_response):
    start_response(status, headers)
    return [body]
server.load_application = lambda: application
server.main(sys.argv[1:])
"""


def environment(folder: Path, *, port: int) -> dict[str, str]:
    """Return what one side runs with."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
    }


@contextmanager
def serving(folder: Path, *program: str, path: str = PATH) -> Iterator[tuple[int, int]]:
    """Run one side with one worker; yield its process id and port."""
    port = free_port()
    environ = environment(folder, port=port)
    (folder / "metrics").mkdir(exist_ok=True)
    migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    subprocess.run(migrate, env=environ, check=True)
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen([sys.executable, *program, *arguments], env=environ)
    try:
        wait_until(lambda: listens(port, path=path), what="the server listens", process=server)
        yield server.pid, port
    finally:
        stop(server, signal.SIGTERM)


def listens(port: int, *, path: str = PATH) -> bool:
    """Say whether somebody answers there."""
    try:
        return ask(port, path=path)[0].startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def ask(port: int, *, path: str = PATH) -> tuple[bytes, bytes]:
    """Return head and body of one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request(path, close=True))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def length_of(head: bytes, body: bytes) -> int:
    """Return how long an answer is on a connection that stays open."""
    return len(head) + 4 + len(body) - len("connection: close\r\n")


def request(path: str, *, close: bool = False) -> bytes:
    """Return the bytes of one request."""
    end = "Connection: close\r\n" if close else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{end}\r\n".encode()


def run(
    pid: int, port: int, *, requests: int, length: int, path: str = PATH
) -> tuple[float, list[float]]:
    """Send the requests over open connections; return CPU seconds a request, and each one's time.

    One request is under way on every connection; the answers have the same length.
    """
    sent = request(path)
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            for _ in range(CONNECTIONS)
        ]
        taken = []
        before = cpu_seconds(pid)
        for _ in range(requests // CONNECTIONS):
            started = time.perf_counter()
            for connection in connections:
                connection.sendall(sent)
            for connection in connections:
                received = 0
                while received < length:
                    part = connection.recv(65_536)
                    if not part:
                        raise SystemExit("the server closed a connection before its answer ended")
                    received += len(part)
                taken.append(time.perf_counter() - started)
        time.sleep(1.2)  # what is told in batches is part of the price
        return (cpu_seconds(pid) - before) / len(taken), taken


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and all below it have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    used = (int(fields[11]) + int(fields[12])) / TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return used + sum(cpu_seconds(int(child)) for child in children)


def main() -> int:
    """Run both sides in turn and print medians, ratio, limit and verdict."""
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"certification-{side}-")))
            for side in ("front", "bare")
        ]
        front = stack.enter_context(serving(folders[0], "-m", "config.server"))
        answer = same_answer(front[1], folders[1])
        bare = stack.enter_context(serving(folders[1], "-c", BARE, str(answer)))
        heads = [ask(port) for _, port in (front, bare)]
        if len(heads[0][0]) != len(heads[1][0]) or heads[0][1] != heads[1][1]:
            raise SystemExit(f"the sides do not answer alike: {heads}")
        length = length_of(*heads[0])
        spent: dict[str, list[float]] = {"front": [], "bare": []}
        times: dict[str, list[float]] = {"front": [], "bare": []}
        for turn in range(ROUNDS + 1):
            for name, (pid, port) in (("front", front), ("bare", bare)):
                number = REQUESTS if turn else WARM_UP
                cost, taken = run(pid, port, requests=number, length=length)
                if turn:
                    spent[name].append(cost)
                    times[name] += taken
    return report(spent, times, length=length)


def same_answer(port: int, folder: Path, *, path: str = PATH) -> Path:
    """Write down what the front answers, for the bare side to say."""
    head, body = ask(port, path=path)
    line, *lines = head.decode("latin-1").split("\r\n")
    # What the server itself adds.
    added = ("server", "date", "connection")
    headers = [pair for pair in (one.split(": ", 1) for one in lines) if pair[0] not in added]
    file = folder / "answer.json"
    file.write_text(json.dumps([line.partition(" ")[2], headers, body.decode()]))
    return file


def report(spent: dict[str, list[float]], times: dict[str, list[float]], *, length: int) -> int:
    """Print what was measured; return the exit status."""
    print(f"Python {platform.python_version()}, granian {version('granian')}, "
          f"{os.cpu_count()} cores, one worker, {CONNECTIONS} connections, {length} bytes, "
          f"{ROUNDS} rounds of {REQUESTS}, medians of CPU time")  # fmt: skip
    for name, costs in spent.items():
        ordered = sorted(times[name])
        p50, p95, p99 = (ordered[int(len(ordered) * part)] * 1e3 for part in (0.5, 0.95, 0.99))
        print(f"{name:<6}{statistics.median(costs) * 1e6:8.1f} µs a request   "
              f"p50 {p50:.2f}  p95 {p95:.2f}  p99 {p99:.2f} ms")  # fmt: skip
    ratio = statistics.median(spent["front"]) / statistics.median(spent["bare"])
    print(f"ratio {ratio:8.2f} (limit {LIMIT})")
    print("PASS" if ratio <= LIMIT else "FAIL")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
