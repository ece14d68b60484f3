"""Published keys are read without a failure while everything behind them fails in turn.

The short form reads some thousands of times; FAULTS=long reads at least 300,000 times.
"""

import asyncio
import base64
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests import production
from tests.processes import wait_until
from tests.reliability.readers import Readers, Tally
from tests.servers import Postgres
from tests.service import Service

LONG = os.environ.get("FAULTS") == "long"
REQUESTS, READERS = (300_000, 16) if LONG else (5_000, 4)
# The web server takes a worker that dies this soon after it was replaced for a crash loop.
CALM_SECONDS = 6.0
# How long anything may take on a machine that has much else to do.
PATIENCE_SECONDS = 300.0
DISK_BYTES = 192 << 20
ORIGIN = "certificates.example.org"
JWKS, DID = "/.well-known/jwks.json", "/.well-known/did.json"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts, /proc, shared sockets")


@pytest.fixture
def database() -> Iterator[Postgres]:
    """Yield a PostgreSQL that this test alone uses, and stops."""
    # Not below pytest's folder, which PostgreSQL's account may not enter.
    with tempfile.TemporaryDirectory(prefix="certification-") as folder:
        server = Postgres(Path(folder) / "pg")
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a small disk of its own where this user may mount one, else a folder."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(options, check=False, capture_output=True).returncode == 0
    yield folder
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def service(tmp_path: Path, disk: Path, database: Postgres) -> Iterator[Service]:
    """Yield a production service with two web workers; logs, metrics and copies on that disk."""
    variables = production.environment() | {
        "DATABASE_URL": database.url,
        "ALLOWED_HOSTS": f"{ORIGIN},127.0.0.1",
        "DATA_DIR": str(disk / "data"),
        "LOG_FILE": str(disk / "service.log"),
    }
    service = Service(tmp_path, variables)
    service.manage("migrate", "--verbosity=0")
    service.start()
    yield service
    service.kill()


class Outages:
    """What happens to the service while strangers read."""

    def __init__(self, service: Service, database: Postgres, disk: Path, tally: Tally) -> None:
        self.service, self.database, self.disk, self.tally = service, database, disk, tally
        self.happened: list[str] = []

    def note(self, event: str) -> None:
        """Remember what happened; the next thing waits until its share of requests is answered."""
        self.happened.append(event)
        enough = self.tally.answered + REQUESTS // 20
        wait_until(
            lambda: self.tally.answered >= enough,
            what=f"answers after: {event}",
            seconds=PATIENCE_SECONDS,
        )

    def workers(self) -> list[psutil.Process]:
        """Return the web workers that run now."""
        return [child for child in self.service.children() if _is_a_web_worker(child)]

    def turn(self, how: str) -> None:
        """Rotate the keys, or lose one, and wait until every worker says so."""
        thumbprint = self.service.run("-m", "tests.reliability.turning", how).strip()
        started = time.monotonic()
        wait_until(
            lambda: all((thumbprint in text) == (how == "rotate") for text in self._key_sets()),
            what=f"{how} is seen by every worker",
        )
        self.note(f"{how}, seen after {time.monotonic() - started:.2f} s")

    def _key_sets(self) -> list[str]:
        # New connections, which the workers share out between them.
        return [self.service.request("GET", JWKS).body.decode() for _ in range(12)]

    def kill_a_worker(self) -> None:
        """End a worker as the kernel would, and wait for its successor."""
        threading.Event().wait(CALM_SECONDS)
        victim, *others = self.workers()
        victim.kill()
        known = {victim.pid, *(other.pid for other in others)}
        wait_until(
            lambda: {worker.pid for worker in self.workers()} - known != set(),
            what="a killed worker is replaced",
            seconds=PATIENCE_SECONDS,
        )
        self.note("kill -9 of a worker")

    def reload(self) -> None:
        """Ask for new workers, and wait until the former ones are gone."""
        former = {worker.pid for worker in self.workers()}
        assert self.service.process is not None
        self.service.process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: (
                (now := {worker.pid for worker in self.workers()}).isdisjoint(former)
                and len(now) == len(former)
            ),
            what="the workers are replaced",
            seconds=PATIENCE_SECONDS,
        )
        self.note("SIGHUP, all workers replaced")

    @contextmanager
    def database_stopped(self) -> Iterator[None]:
        """Stop the database for a while."""
        self.database.stop()
        self.note("database stopped")
        yield
        self.database.start()
        self.note("database started")

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Leave no byte free for a while."""
        filler = self.disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0")
        self.note("disk full")
        yield
        filler.unlink()
        self.note("disk has room again")


@contextmanager
def reading(readers: Readers) -> Iterator[None]:
    """Read from a thread; every reader finishes its last request."""
    thread = threading.Thread(target=lambda: asyncio.run(readers.read()))
    thread.start()
    try:
        yield
    finally:
        readers.stop()
        thread.join()


class TestKeysWhileEverythingFails:
    def test_are_read_without_a_failure(
        self,
        service: Service,
        database: Postgres,
        disk: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        first = service.run("-m", "tests.reliability.turning", "rotate").strip()
        readers = Readers(
            port=service.port,
            host=ORIGIN,
            paths=[JWKS, DID, f"/keys/{first}"],
            readers=READERS,
        )
        wait_until(partial(_is_published, service, first), what="the first key is published")
        outages = Outages(service, database, disk, readers.tally)
        with reading(readers):
            self.go_through(outages)
            wait_until(
                lambda: readers.tally.answered >= REQUESTS, what="enough requests", seconds=1_200
            )
        with capsys.disabled():
            print(f"\n{readers.tally}\n  " + "\n  ".join(outages.happened))  # noqa: T201
        assert readers.tally.failures == []
        assert (readers.tally.failed, readers.tally.refused) == (0, 0)
        assert readers.tally.answered >= REQUESTS
        # What was cut by kill -9 is one request a connection and kill, at most.
        assert readers.tally.retried <= 6 * READERS

    def go_through(self, outages: Outages) -> None:
        outages.note("all is well")
        outages.turn("rotate")
        outages.turn("compromise")
        if LONG:
            outages.reload()
            outages.kill_a_worker()
        if os.path.ismount(outages.disk):
            with outages.disk_full():
                outages.turn("rotate")
        else:
            outages.happened.append("disk not filled: this user may not mount one")
        _wait_for_the_copy(outages)
        with outages.database_stopped():
            outages.reload()
            if LONG:
                outages.kill_a_worker()
            if os.path.ismount(outages.disk):
                with outages.disk_full():
                    outages.kill_a_worker()
            path = "/keys/" + "A" * 43
            unknown = outages.service.request("GET", path, headers={"Host": ORIGIN})
            assert (unknown.status, unknown.headers["retry-after"]) == (503, "10")
        outages.turn("rotate")


def _is_a_web_worker(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "config.server" in process.cmdline()
    except psutil.NoSuchProcess:  # ended between being listed and being read
        return False


def _is_published(service: Service, thumbprint: str) -> bool:
    return all(
        service.request("GET", f"/keys/{thumbprint}").status == 200
        and thumbprint in service.request("GET", JWKS).body.decode()
        for _ in range(12)
    )


def _wait_for_the_copy(outages: Outages) -> None:
    """Wait until the disk holds what is published: it is what a new worker starts from."""
    encoded = base64.b64encode(outages.service.request("GET", JWKS).body)
    copy = outages.disk / "data" / "published" / "keys.json"
    wait_until(lambda: encoded in copy.read_bytes(), what="the copy is written")
