"""A verify page from memory against a bare WSGI answer of the same bytes, and against Django.

Each side is `config.server` with one worker: the service as it is, everything counted and logged;
an application that returns the same status, headers and body at once; and the service without the
memory, so that each visit is read, judged and drawn by Django with all its middleware. CPU time of
the process tree from /proc, in turn. Against bare the ratio may be 1.5; Django must cost 10 times
as much.

Run: python benchmarks/verify.py
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import front

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
REQUESTS = {"memory": 8_000, "bare": 8_000, "django": 400}
LIMIT, TIMES = 1.5, 10
# The same service with a memory that keeps nothing.
FORGETFUL = """
import sys
from config import server
from config.front.memory import Memory
Memory.keep = lambda *_: None
server.main(sys.argv[1:])
"""
MAKE = """
import django; django.setup()
from django.utils import timezone
from tests.factories.registry import Registry
from tenants.onboarding import create_tenant
from certificates.tokens import format_token
now = timezone.now()
from signing import rotation; rotation.ensure_first_key(now=now)
registry = Registry(now, create_tenant(slug="bench", name="Bench", now=now))
certificate = registry.issue("T\\u00edt\\u00edlay\\u1ecd\\u0300 \\u1eccd\\u00fans\\u00ec")
print(format_token(certificate.token))
"""


def make(folder: Path) -> str:
    """Make one certificate in a database of its own; return the path of its page."""
    environ = front.environment(folder, port=8000)
    Path(environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir()
    manage = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    subprocess.run(manage, env=environ, check=True)
    made = subprocess.run(
        [sys.executable, "-c", MAKE], env=environ, check=True, capture_output=True, text=True
    )
    return f"/verify/{made.stdout.strip().splitlines()[-1]}"


def main() -> int:
    """Run the sides in turn and print medians, ratios, limits and verdict."""
    with ExitStack() as stack:
        ours, plain = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="certification-verify-")))
            for _ in range(2)
        )
        path = make(ours)
        sides = {
            "memory": stack.enter_context(front.serving(ours, "-m", "config.server", path=path)),
            "django": stack.enter_context(front.serving(ours, "-c", FORGETFUL, path=path)),
        }
        file = front.same_answer(sides["memory"][1], plain, path=path)
        sides["bare"] = stack.enter_context(
            front.serving(plain, "-c", front.BARE, str(file), path=path)
        )
        lengths = {
            name: front.length_of(*front.ask(port, path=path)) for name, (_, port) in sides.items()
        }
        if len(set(lengths.values())) != 1:
            raise SystemExit(f"the answers differ in length: {json.dumps(lengths)}")
        spent: dict[str, list[float]] = {name: [] for name in sides}
        times: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(ROUNDS + 1):
            for name, (pid, port) in sides.items():
                cost, taken = front.run(
                    pid, port, requests=REQUESTS[name], length=lengths[name], path=path
                )
                if turn:
                    spent[name].append(cost)
                    times[name] += taken
    return report(spent, times, length=lengths["memory"])


def report(spent: dict[str, list[float]], times: dict[str, list[float]], *, length: int) -> int:
    """Print what was measured; return the exit status."""
    print(f"Python {platform.python_version()}, granian {version('granian')}, "
          f"{os.cpu_count()} cores, one worker, {length} bytes, {ROUNDS} rounds, "
          "medians of CPU time")  # fmt: skip
    cost = {name: statistics.median(costs) for name, costs in spent.items()}
    for name, seconds in cost.items():
        ordered = sorted(times[name])
        p50, p95 = (ordered[int(len(ordered) * part)] * 1e3 for part in (0.5, 0.95))
        print(f"{name:<7}{seconds * 1e6:9.1f} µs a request   p50 {p50:.2f}  p95 {p95:.2f} ms")
    bare, django = cost["memory"] / cost["bare"], cost["django"] / cost["memory"]
    passed = bare <= LIMIT and django >= TIMES
    print(f"against bare    {bare:8.2f} times (limit {LIMIT})")
    print(f"against Django  {django:8.1f} times less (aim {TIMES})")
    print("PASS" if passed else "FAIL")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
