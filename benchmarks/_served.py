"""A service in its production shape, for benchmarks: folders, processes, and what they use."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psutil
import psycopg2

ROOT = Path(__file__).resolve().parents[1]
SERVED = __file__  # as a program: what needs the service's settings
_MIB = 1 << 20
_SAMPLE_SECONDS = 0.5
_OWN = ("DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "LOG_FILE", "DATA_DIR")


@dataclass
class Place:
    """A folder and an environment that processes of the service run in."""

    folder: Path
    variables: dict[str, str]

    def __post_init__(self) -> None:
        self.folder.mkdir()

    @property
    def environment(self) -> dict[str, str]:
        """Return what its processes run with."""
        given = {name: value for name, value in os.environ.items() if name not in _OWN}
        return given | {
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "DATA_DIR": str(self.folder),
            "LOG_FILE": str(self.folder / "log"),
            "PYTHONPATH": str(ROOT),
            **self.variables,
        }

    def run(self, *arguments: str) -> str:
        """Run Python to its end; return what it printed."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, check=True,
            stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    def start(self, *arguments: str, nice: int = 0) -> subprocess.Popen[bytes]:
        """Start Python; what it prints goes into a file of the folder."""
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        if nice:
            psutil.Process(process.pid).nice(nice)  # before it has children, who inherit it
        return process

    def worker(self, *, renders: bool, children: int, nice: int = 0) -> subprocess.Popen[bytes]:
        """Start a Celery worker that renders, or one for all the other queues."""
        every = self.run(SERVED, "queues").split()
        queues = [name for name in every if (name == "render") == renders]
        taken = ["-Q", ",".join(queues), "--concurrency", str(children), "--loglevel", "WARNING"]
        return self.start("-m", "celery", "-A", "config", "worker", *taken, nice=nice)

    def set_up(self) -> None:
        """Make the tables, a tenant with a design, and a course."""
        self.run("manage.py", "migrate", "--verbosity", "0")
        self.run(SERVED, "make")

    def empty_queues(self) -> None:
        """Take what an earlier run has left out of the broker's queues."""
        self.run(SERVED, "empty_queues")


@dataclass
class Used:
    """CPU seconds and memory of one process, or of several that do the same."""

    begun: dict[int, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)

    def total(self) -> float:
        """Return the CPU seconds since the first look."""
        return sum(self.seconds[pid] - self.begun[pid] for pid in self.seconds)


class Watched:
    """What processes use, sampled: they may end, and not all are children of ours."""

    def __init__(self) -> None:
        self._used: dict[str, Used] = {}

    def look(self, name: str, process: psutil.Process, *, whole: bool = False) -> None:
        """Note one process's CPU time, since the first look or of its whole life, and memory."""
        used = self._used.setdefault(name, Used())
        try:
            times, memory = process.cpu_times(), process.memory_info().rss
        except psutil.Error:
            return  # it has ended; what it had used stands
        used.seconds[process.pid] = times.user + times.system
        used.begun.setdefault(process.pid, 0.0 if whole else times.user + times.system)
        used.memory.append(memory)

    def print(self, number: int) -> None:
        """Print one line for each name."""
        for name, used in self._used.items():
            seen = used.memory
            first, last, most = seen[len(seen) // 10] / _MIB, seen[-1] / _MIB, max(seen) / _MIB
            print(f"  {name:<18}{used.total() / number * 1e6:7.0f} µs CPU a certificate; memory "
                  f"{first:.0f} → {last:.0f} MiB, at most {most:.0f}")  # fmt: skip
        total = sum(used.total() for used in self._used.values())
        print(f"  {'all of them':<18}{total / number * 1e6:7.0f} µs CPU a certificate")


@contextmanager
def watching(look: Callable[[Watched], None]) -> Iterator[Watched]:
    """Look again and again while the block runs."""
    watched, ended = Watched(), threading.Event()
    look(watched)

    def watch() -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            look(watched)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield watched
    finally:
        ended.set()
        thread.join()


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return a process's children, oldest first."""
    try:
        found: list[psutil.Process] = psutil.Process(process.pid).children()
    except psutil.Error:
        return []
    return sorted(found, key=lambda child: child.pid)


def sessions(connection: Any) -> list[psutil.Process]:
    """Return the database's sessions, this one left out, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [row[0] for row in cursor.fetchall()]
    found = []
    for pid in pids:
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue  # it ended, or is another machine's
    return found


def number_of(connection: Any, statement: str) -> int:
    """Return the one number a statement asks for."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


@contextmanager
def throw_away(server: str, purpose: str) -> Iterator[str]:
    """Yield the address of a new database on a PostgreSQL server."""
    name = f"bench_{purpose}_{uuid4().hex[:8]}"
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make() -> None:
    """Make a tenant that can issue."""
    from django.utils import timezone  # noqa: PLC0415 - settings come first

    from certificates.models import CourseVersion  # noqa: PLC0415
    from templates_app.starters import create_starter  # noqa: PLC0415
    from tenants.onboarding import create_tenant  # noqa: PLC0415

    now = timezone.now()
    tenant = create_tenant(slug="bench", name="Bench", now=now)
    create_starter(tenant=tenant, signers=[{"name": "A. Signer", "title": "Director"}], now=now)
    CourseVersion.objects.create(
        tenant=tenant, course_id="knots", version_id="knots-1", title="Knots", created_at=now,
        updated_at=now,
    )  # fmt: skip


def key() -> None:
    """Print a new key of the tenant's platform."""
    from django.utils import timezone  # noqa: PLC0415

    from tenants.models import Tenant  # noqa: PLC0415
    from tenants.onboarding import create_api_key  # noqa: PLC0415

    tenant = Tenant.objects.get(slug="bench")
    scopes = ["completions:write", "certificates:read"]
    _, text = create_api_key(tenant=tenant, name="bench", scopes=scopes, now=timezone.now())
    print(text)


def queues() -> None:
    """Print the names of the queues."""
    from config import celeryconfig  # noqa: PLC0415

    print(*(queue.name for queue in celeryconfig.task_queues))


def empty_queues() -> None:
    """Purge every queue of the service."""
    from celery import current_app  # noqa: PLC0415

    with current_app.connection_for_write() as connection:
        for queue in current_app.amqp.queues.values():
            bound = queue(connection.default_channel)
            bound.declare()
            bound.purge()


if __name__ == "__main__":
    import django

    django.setup()
    actions = (make, key, queues, empty_queues)
    {action.__name__: action for action in actions}[sys.argv[1]]()
