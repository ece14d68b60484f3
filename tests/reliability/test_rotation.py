"""Keys rotate under load and by the clock, and nobody who verifies ever notices."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.processes import Process, kill_group, stop, wait_until
from tests.production import environment
from tests.reliability.platform import Platform
from tests.reliability.stranger import Stranger, Verifying
from tests.service import Service

# Each rotation takes two max-ages; ten of them are the long form (`make faults`).
ROTATIONS = 10 if os.environ.get("FAULTS") == "long" else 3
ISSUERS, MAX_AGE = 2, 3
KEY_SET = "/tenants/harbour/jwks.json"
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=warning")
BEAT = ("-m", "celery", "-A", "config", "beat", "-S", "tests.reliability.hurried:HurriedScheduler")


def world(service: Service, *arguments: str) -> Any:
    return json.loads(service.run("-m", "tests.reliability.world", *arguments))


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[Service]:
    """Yield a web server, no relay; its key sets may be cached for seconds."""
    variables = {
        "JWKS_MAX_AGE": str(MAX_AGE),
        "KEY_PREPUBLISH": str(MAX_AGE),
        "CELERY_BROKER_URL": "memory://",
    }
    if database_url:
        variables["DATABASE_URL"] = database_url
    service = Service(tmp_path, variables)
    service.manage("migrate", "--verbosity=0")
    service.start()
    yield service
    service.kill()


class TestUnderLoad:
    def test_rotations_fail_no_verification(
        self, service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world(service, "make")
        file = tmp_path / "issued"
        file.touch()

        def issued() -> list[str]:
            return file.read_text().split()

        issuers = [
            service.spawn("-m", "tests.reliability.world", "issue", str(file))
            for _ in range(ISSUERS)
        ]
        try:
            wait_until(lambda: len(issued()) > ISSUERS, what="certificates are issued")
            begun, before = time.monotonic(), len(issued())
            with Verifying(Stranger(service, KEY_SET), issued) as verifying:
                world(service, "rotate", str(ROTATIONS))
                seconds, during = time.monotonic() - begun, len(issued()) - before
                statuses = [stop(issuer) for issuer in issuers]
                wait_until(verifying.has_all, what="every certificate is verified")
        finally:
            for issuer in issuers:
                kill_group(issuer)

        keys = world(service, "keys")
        verified = verifying.kids
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{ROTATIONS} rotations in {seconds:.0f} s, under {during / seconds:.1f} new"
                f" certificates/s; {sum(verified.values())} verified,"
                f" {len(verifying.failures)} failed"
            )
        assert (verifying.failures, statuses) == ([], [0] * ISSUERS)
        assert sum(verified.values()) == len(issued()) > 10 * ROTATIONS
        # Each key signed in its turn, and none before every cache could know it.
        assert {kid.rpartition("/")[2] for kid in verified} == keys.keys()
        assert len(keys) == ROTATIONS + 1
        first, *later = keys.values()
        assert all(key["waited"] >= MAX_AGE for key in later)
        assert {key["state"] for key in (first, *later[:-1])} == {"verify-only"}


@pytest.fixture
def production(tmp_path: Path, database_url: str, broker_url: str) -> Iterator[Service]:
    """Yield the service under production settings and their waiting times, web running."""
    if not database_url:
        pytest.skip("production settings need PostgreSQL (TEST_DATABASE_URL)")
    variables = environment() | {
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": broker_url,
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    del variables["BASE_URL"]  # the service's own
    service = Service(tmp_path, variables)
    service.manage("migrate", "--verbosity=0")
    service.manage("collectstatic", "--noinput", "--verbosity=0")
    service.run("-m", "celery", "-A", "config", "purge", "--force")
    service.start()
    yield service
    service.kill()


@pytest.mark.broker
class TestByTheClock:
    def test_beat_and_worker_lead_a_key_through_its_life(self, production: Service) -> None:
        platform = Platform(production, **world(production, "make"), writers=0)
        rows = Rows(production.variables["DATABASE_URL"])
        started: list[Process] = [
            production.spawn(*command) for command in (BEAT, WORKER, ("manage.py", "relay"))
        ]
        try:
            [first] = rows.keys("active")
            before = _issued(platform, "before")

            rows.let_pass(days=87.9)  # published two waits of a day before the end
            rows.await_ticks()
            assert rows.keys("next") == []
            rows.let_pass(days=0.2)
            wait_until(lambda: rows.keys("next") != [], what="beat published a next key")
            [second] = rows.keys("next")
            wait_until(lambda: second in _published(production), what="the front noticed")

            rows.let_pass(days=1.8)
            rows.await_ticks()
            assert rows.keys("active") == [first]
            rows.let_pass(days=0.2)
            wait_until(lambda: rows.keys("active") == [second], what="beat let it sign")
            after = _issued(platform, "after")

            rows.let_pass(days=1.1)
            wait_until(
                lambda: rows.keys("destroyed") == [first],
                what="beat destroyed the former private part",
            )
        finally:
            for process in started:
                kill_group(process)

        stranger = Stranger(production, KEY_SET)
        kids = [stranger.kid(compact).rpartition("/")[2] for compact in (before, after)]
        assert kids == [first, second]
        [line] = _rotations(production)
        assert (line["kid"], line["previous_kid"]) == (second, first)
        assert line["task_id"]  # a worker's task, not a process of this test


class Rows:
    """The keys' rows of a running service, and what a clock does to them."""

    TIMES = (
        *("published_at", "activates_at", "activated_at", "deactivates_at"),
        *("deactivated_at", "destroyed_at"),
    )

    def __init__(self, url: str) -> None:
        self._url = url

    def keys(self, state: str) -> list[str]:
        """Return the thumbprints of the keys in a state."""
        return self._do("SELECT thumbprint FROM signing_signingkey WHERE state = %s", state)

    def let_pass(self, *, days: float) -> None:
        """Put every time of every key back, as if it had all happened so much earlier."""
        moved = ", ".join(f"{time} = {time} - make_interval(secs => %s)" for time in self.TIMES)
        seconds = [days * 86_400] * len(self.TIMES)
        update = f"UPDATE signing_signingkey SET {moved} RETURNING thumbprint"  # noqa: S608
        self._do(update, *seconds)

    def await_ticks(self) -> None:
        """Return when the clock has surely asked again: its heartbeat moved twice."""
        seen: set[str] = set()

        def moved() -> bool:
            seen.update(self._do("SELECT beat_at::text FROM observability_heartbeat"))
            return len(seen) > 2

        wait_until(moved, what="the clock ticks")

    def _do(self, statement: str, *values: Any) -> list[str]:
        with closing(psycopg2.connect(self._url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return [row[0] for row in cursor.fetchall()]


def _issued(platform: Platform, event_id: str) -> str:
    """Report one completion and return its credential once it is issued."""
    platform.report(event_id)
    path = f"/credentials/{platform.acknowledged[event_id]['certificate_id']}"
    get = partial(platform.service.request, "GET", path)
    wait_until(lambda: get().status == 200, what="the certificate is issued")
    return get().body.decode()


def _published(service: Service) -> list[str]:
    keys = service.request("GET", KEY_SET).json()["keys"]
    return [key["kid"].rpartition("/")[2] for key in keys]


def _rotations(service: Service) -> list[dict[str, Any]]:
    log = (service.folder / "processes.log").read_text()
    lines = [line for line in log.splitlines() if '"certification.kid.rotated"' in line]
    return [json.loads(line) for line in lines]
