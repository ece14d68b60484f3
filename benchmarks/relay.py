"""The outbox relay on PostgreSQL: messages from the table to the broker, claimed and marked.

Sides in one run, in turn: batches, and one row at a time with asynchronous commit (the best that
can be made of that); and batches whose messages travel each by itself. Then two relays share one
table, and what the broker got is compared with what was written. Wall time, because most of it is
waiting for two servers; beside it the CPU time of the relay and, where the database server runs
on this machine, of its session.

Servers: TEST_DATABASE_URL and TEST_AMQP_URL or TEST_REDIS_URL; what is not given is started here
(a PostgreSQL that does not sync to disk).

Run: python benchmarks/relay.py
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers import given_or_started  # noqa: E402 - found by the line above

MANY, FEW, TENANTS = 20_000, 1_000, 40
ROUNDS = int(os.environ.get("ROUNDS", "5"))
AIM, AIM_RATIO = 10_000, 8


def set_up(stack: ExitStack) -> None:
    """Point the settings at the servers, and start Django."""
    if "CELERY_BROKER_URL" not in os.environ:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relay-bench-")))
        servers = given_or_started(stack, folder=folder, environ=os.environ)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": servers["TEST_DATABASE_URL"],
            "CELERY_BROKER_URL": servers.get("TEST_AMQP_URL") or servers["TEST_REDIS_URL"],
        }
    import django  # noqa: PLC0415 - settings come first

    django.setup()


def fill(number: int) -> set[int]:
    """Write messages of as much work as fits into every tenant's window; return their ids."""
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from outbox.models import OutboxMessage  # noqa: PLC0415
    from outbox.publishing import Message, publish  # noqa: PLC0415

    OutboxMessage.objects.all().delete()
    with transaction.atomic():
        publish(
            [
                Message(
                    "certificates.issue",
                    {"completion_ids": [f"00000000-0000-4000-8000-{n:012}"]},
                    dedupe_key=f"bench-{n}",
                    tenant_id=f"t{n % TENANTS}",
                )
                for n in range(number)
            ],
            now=timezone.now(),
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE outbox_outboxmessage")  # of what the last round left
    return set(OutboxMessage.objects.values_list("pk", flat=True))


def deliver(limit: int = 1000) -> None:
    """Deliver until nothing is due."""
    from django.utils import timezone  # noqa: PLC0415

    from outbox import relay  # noqa: PLC0415

    while relay.deliver(now=timezone.now(), limit=limit):
        pass


def session_seconds() -> float:
    """Return the CPU time of the database's process for this session; NaN if it is elsewhere."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return float("nan")
    return float(times.user + times.system)


def received() -> list[int]:
    """Take everything out of the broker's queue; return the ids of messages in it."""
    from celery import current_app  # noqa: PLC0415

    found: list[int] = []
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(current_app.amqp.queues["issue"])  # type: ignore[arg-type]
        while True:
            try:
                message: Any = queue.get(block=False)
            except queue.Empty:
                break
            found += message.payload[1]["message_ids"]
            message.ack()
        queue.close()
    return found


def timed(number: int, *, bundle: int, limit: int = 1000, commit: str = "on") -> list[float]:
    """Return rows a second and CPU seconds a row, of one relay and of its database session."""
    from django.db import connection  # noqa: PLC0415

    from outbox import policy  # noqa: PLC0415

    policy.BUNDLE = bundle
    written = fill(number)
    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {commit}")
    wall, cpu, server = time.perf_counter(), time.process_time(), session_seconds()
    deliver(limit)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    server = session_seconds() - server
    check(written, received())
    return [number / wall, cpu / number * 1e6, server / number * 1e6]


def check(written: set[int], found: list[int]) -> None:
    """Stop where a message is missing or came twice."""
    if len(found) != len(written) or set(found) != written:
        lost, twice = len(written - set(found)), len(found) - len(set(found))
        raise SystemExit(f"FAIL: {lost} lost, {twice} twice")


def side_by_side() -> float:
    """Return the rows per second of two relays in processes of their own."""
    written = fill(MANY)
    relays = [
        subprocess.Popen(
            [sys.executable, __file__, "relay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for relay in relays:
        relay.stdout.readline()  # type: ignore[union-attr] # both are ready
    started = time.perf_counter()
    for relay in relays:
        relay.stdin.close()  # type: ignore[union-attr]
    for relay in relays:
        relay.wait()
    seconds = time.perf_counter() - started
    check(written, received())
    return MANY / seconds


def main() -> None:
    """Run both sides in turn, then two relays; print medians, ratio and verdict."""
    from celery import current_app  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from outbox import policy  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    current_app.control.purge()
    bundle = policy.BUNDLE
    sides: dict[str, list[list[float]]] = {"batches": [], "one row at a time": [], "unbundled": []}
    for _ in range(ROUNDS):
        sides["batches"].append(timed(MANY, bundle=bundle))
        sides["one row at a time"].append(timed(FEW, bundle=bundle, limit=1, commit="off"))
        sides["unbundled"].append(timed(FEW, bundle=0))
    policy.BUNDLE = bundle
    broker = os.environ["CELERY_BROKER_URL"].partition(":")[0]
    print(f"Python {platform.python_version()}, {broker}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}, {ROUNDS} rounds, medians")  # fmt: skip
    speed = {}
    for side, rounds in sides.items():
        speed[side], cpu, server = (statistics.median(each) for each in zip(*rounds, strict=True))
        print(f"{side:18}{speed[side]:8.0f} rows a second, CPU a row {cpu:6.0f} µs "
              f"and in the database {server:4.0f} µs")  # fmt: skip
    print(f"{'two relays':18}{side_by_side():8.0f} rows a second, 0 lost, 0 twice")
    ratio = speed["batches"] / speed["one row at a time"]
    print(f"{'ratio':18}{ratio:8.1f} times the rows of one at a time")
    good = speed["batches"] >= AIM and ratio >= AIM_RATIO
    print("PASS" if good else f"FAIL: aims {AIM} rows a second and {AIM_RATIO} times")
    if not good:
        raise SystemExit(1)


if __name__ == "__main__":
    with ExitStack() as stack:
        set_up(stack)
        if sys.argv[1:] == ["relay"]:
            from outbox.relay import task

            task("outbox.sweep")
            print("ready", flush=True)
            sys.stdin.read()
            deliver()
        else:
            main()
