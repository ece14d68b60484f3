"""The queue of the embedded service: SQLite, no broker, tasks run by the relay itself.

Three questions. How long from a commit to the begin of its task, with a relay in a process of its
own, idle and beside a backlog? What does the queue cost a message, taken in batches and one by one?
And what does Celery cost on a SQLite file, which is how it could be had without a server?

Run: python benchmarks/embedded_queue.py
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TASK = "benchmarks.nothing"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
MANY, FEW, LOOKS, CELERY = 10_000, 1_000, 200, 500
PICK_UP_MS, AIM_BATCH, AIM_CELERY = 50, 10, 100
_SECONDS = 300


def set_up(folder: str) -> None:
    """Start Django on a new SQLite file, with a task that does nothing but tell the time."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.embedded", "DATA_DIR": folder}
    os.environ.pop("DATABASE_URL", None)
    import django  # noqa: PLC0415 - settings come first

    django.setup()
    from celery import current_app  # noqa: PLC0415

    times = Path(folder) / "times"

    @current_app.task(name=TASK)
    def nothing(number: int, *, told: bool, **_: Any) -> None:
        if told:
            with times.open("a") as file:
                file.write(f"{number} {time.time()}\n")

    nothing.name  # noqa: B018 - the proxy registers the task when it is first touched


def publish(numbers: range, *, tenant: str = "", told: bool = False) -> float:
    """Write messages in one transaction; return when it was committed."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from outbox.publishing import Message, publish  # noqa: PLC0415

    with transaction.atomic():
        publish(
            [
                Message(TASK, {"number": n, "told": told}, f"{tenant}{n}", tenant_id=tenant)
                for n in numbers
            ],
            now=timezone.now(),
        )
    return time.time()


def timed(number: int, *, bundle: int) -> tuple[float, float]:
    """Return messages a second and CPU microseconds a message, run in this process."""
    from django.utils import timezone  # noqa: PLC0415

    from outbox import policy, relay  # noqa: PLC0415
    from outbox.models import OutboxMessage  # noqa: PLC0415

    policy.BUNDLE = bundle
    OutboxMessage.objects.all().delete()
    publish(range(number))
    wall, cpu = time.perf_counter(), time.process_time()
    relay.drain(clock=timezone.now)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if OutboxMessage.objects.filter(done_at=None).exists():
        raise SystemExit("FAIL: not every message was run")
    return number / wall, cpu / number * 1e6


@contextmanager
def process(*arguments: str) -> Iterator[psutil.Process]:
    """Run this program in another process; yield it once it is ready."""
    with subprocess.Popen(
        [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        child.stdout.readline()  # type: ignore[union-attr]
        try:
            yield psutil.Process(child.pid)
        finally:
            child.terminate()


def pick_up(folder: str, *, backlog: int) -> list[float]:
    """Return milliseconds from each commit to the begin of its task, in another process."""
    from outbox.models import OutboxMessage  # noqa: PLC0415

    OutboxMessage.objects.all().delete()
    times = Path(folder) / "times"
    times.unlink(missing_ok=True)
    committed = {}
    with process("relay", folder):
        publish(range(backlog), tenant="bulk")
        for number in range(LOOKS):
            committed[number] = publish(range(number, number + 1), told=True)
            time.sleep(0.0537)  # no multiple of the relay's own rhythm
        await_(lambda: times.exists() and len(times.read_text().splitlines()) == LOOKS)
    begun = [line.split() for line in times.read_text().splitlines()]
    return [(float(at) - committed[int(number)]) * 1e3 for number, at in begun]


def await_(condition: Any) -> None:
    """Return once a condition holds."""
    until = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("FAIL: messages are missing")
        time.sleep(0.01)


def celery_app(folder: str) -> Any:
    """Return a Celery whose broker is a SQLite file."""
    from celery import Celery  # noqa: PLC0415

    app = Celery("other", broker=f"sqla+sqlite:///{folder}/celery.sqlite3", set_as_current=False)
    app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, task_acks_late=True)
    marks = Path(folder) / "marks"

    @app.task(name=TASK)
    def nothing(number: int) -> None:
        with marks.open("a") as file:
            file.write(f"{number}\n")

    nothing.name  # noqa: B018 - registers it
    return app


def celery_on_sqlite(folder: str) -> tuple[float, float]:
    """Return messages a second and CPU microseconds a message of its worker."""
    app, marks = celery_app(folder), Path(folder) / "marks"
    marks.unlink(missing_ok=True)
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(CELERY):
            app.send_task(TASK, [number], producer=producer)

    def done() -> int:
        return len(marks.read_text().splitlines()) if marks.exists() else 0

    with process("celery", folder) as worker:
        await_(lambda: done() > 0)
        first, times, started = done(), worker.cpu_times(), time.perf_counter()
        await_(lambda: done() == CELERY)
        number, wall, after = CELERY - first, time.perf_counter() - started, worker.cpu_times()
    cpu = after.user + after.system - times.user - times.system
    return number / wall, cpu / number * 1e6


def main(folder: str) -> None:
    """Measure and print."""
    from django.core.management import call_command  # noqa: PLC0415

    from outbox import policy  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    bundle = policy.BUNDLE
    sides: dict[str, list[tuple[float, float]]] = {"in batches": [], "one by one": []}
    for _ in range(ROUNDS):
        sides["in batches"].append(timed(MANY, bundle=bundle))
        sides["one by one"].append(timed(FEW, bundle=1))
    if find_spec("sqlalchemy"):
        sides["Celery on SQLite"] = [celery_on_sqlite(folder) for _ in range(min(ROUNDS, 3))]
    policy.BUNDLE = bundle
    print(f"Python {platform.python_version()}, SQLite, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}, {ROUNDS} rounds, medians")  # fmt: skip
    # What a message takes, in seconds and in CPU seconds.
    wall, cost = {}, {}
    for side, rounds in sides.items():
        rate, cost[side] = (statistics.median(each) for each in zip(*rounds, strict=True))
        wall[side] = 1 / rate
        print(f"{side:18}{rate:8.0f} messages a second, {cost[side]:7.0f} µs CPU a message")
    verdicts = [verdict("one by one", [cost], AIM_BATCH)]
    if "Celery on SQLite" in cost:
        verdicts.append(verdict("Celery on SQLite", [cost, wall], AIM_CELERY))
    else:
        print("Celery on SQLite: not run, sqlalchemy is not installed (requirements-bench.txt)")
    for name, backlog in (("idle", 0), ("beside 20,000", 20_000)):
        waits = sorted(pick_up(folder, backlog=backlog))
        p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
        print(f"begin after commit, {name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
        if not backlog:
            verdicts.append(p95 <= PICK_UP_MS)
            print(f"aim {PICK_UP_MS} ms: {'PASS' if verdicts[-1] else 'FAIL'}")
    print("PASS" if all(verdicts) else "FAIL")
    if not all(verdicts):
        raise SystemExit(1)


def verdict(other: str, measures: list[dict[str, float]], aim: int) -> bool:
    """Print how many times less batches take than another way; say whether one is enough."""
    ratios = [each[other] / each["in batches"] for each in measures]
    good = max(ratios) >= aim
    words = ", in time ".join(f"{ratio:.1f} times less" for ratio in ratios)
    print(f"batches against {other}: in CPU {words} (aim {aim}: {'PASS' if good else 'FAIL'})")
    return good


if __name__ == "__main__":
    if sys.argv[1:2] == ["relay"]:
        set_up(sys.argv[2])
        from django.core.management import call_command

        print("ready", flush=True)
        call_command("relay")
    elif sys.argv[1:2] == ["celery"]:
        print("ready", flush=True)
        celery_app(sys.argv[2]).worker_main(["worker", "-P", "solo", "--loglevel=error"])
    else:
        with tempfile.TemporaryDirectory(prefix="queue-bench-") as made:
            set_up(made)
            main(made)
