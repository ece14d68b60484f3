"""R4: PostgreSQL crashes under load and comes back: callers are told to wait, nothing is lost."""

import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.brokers import Redis
from tests.processes import kill_group, wait_until
from tests.reliability.books import Books
from tests.reliability.platform import Platform
from tests.reliability.visitor import Visitor
from tests.servers import Postgres
from tests.service import Answer, Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
CRASHES, WRITERS, PERIOD_SECONDS = (5, 8, 0.25) if LONG else (1, 2, 0.2)
# From the crash on, or from when it answers again where recovery takes longer.
FAILURES_SECONDS = 10.0 if LONG else 60.0
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=warning")


@pytest.fixture
def database() -> Iterator[Postgres]:
    """Yield a PostgreSQL that keeps what it committed, and that this test alone crashes."""
    # Not below pytest's folder, which PostgreSQL's account may not enter.
    with tempfile.TemporaryDirectory(prefix="certification-") as folder:
        server = Postgres(Path(folder) / "pg", durable=True)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    """Yield a broker, for the worker's own recovery is part of it."""
    one = Redis(tmp_path / "redis")
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def service(tmp_path: Path, database: Postgres, broker: Redis) -> Iterator[Service]:
    """Yield a service with a relay and a worker, running."""
    folder = tmp_path / "service"
    folder.mkdir()
    service = Service(folder, {"DATABASE_URL": database.url, "CELERY_BROKER_URL": broker.url})
    service.manage("migrate", "--verbosity=0")
    service.start()
    worker = service.spawn(*WORKER)
    yield service
    kill_group(worker)
    service.kill()


class TestCrashUnderLoad:
    def test_is_answered_503_and_loses_nothing(
        self,
        service: Service,
        database: Postgres,
        told: Callable[[Tally], Tally],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        platform = Platform(service, **made, writers=WRITERS, period=PERIOD_SECONDS)
        books = Books(database.url)
        with platform:
            path = verify_path(platform)
            page = path.replace("/verify/", "/certificates/")
            wait_until(
                lambda: service.request("GET", path).status == 200, what="one is issued", seconds=90
            )
            with Visitor(service, [path, "/api/v1" + path, page]) as visitor:
                crashes = [crash(platform, database) for _ in range(CRASHES)]
        end = datetime.now(UTC)
        began = time.monotonic()
        wait_until(
            lambda: books.waiting(reported_before=end) == 0, what="all is issued", seconds=180
        )
        recovered = time.monotonic() - began

        # 200: it was taken although the answer was 503, for the crash came right after the commit.
        taken = {200, 202}
        failed = [(one.began, one.status) for one in platform.attempts if one.status not in taken]
        failed += [
            (one.began, one.answer.status if one.answer else 0)
            for one in visitor.visits
            if one.answer is None or one.answer.status != 200
        ]
        lasted = max(min(abs(at - away) for away, _ in crashes) for at, _ in failed)
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{CRASHES} crashes, each away for"
                f" {max(back - away for away, back in crashes):.1f} s at most: {len(failed)} of"
                f" {len(platform.attempts) + len(visitor.visits)} requests failed, the last"
                f" {lasted:.1f} s after a crash; all issued {recovered:.1f} s after"
                " the load"
            )
        found = json.loads(service.run("-m", "tests.reliability.world", "inspect"))
        tally = told(platform.tally(found["certificates_by_event"]))
        assert {status for _, status in failed} == {503}
        answers = platform.put_off + [one.answer for one in visitor.visits if one.answer]
        assert [one for one in answers if one.status == 503 and not tells_what_to_do(one)] == []
        assert all(any(is_in_time(at, *one) for one in crashes) for at, _ in failed)
        assert (platform.refused, found["damaged_files"]) == ([], [])
        assert (tally.lost, tally.duplicate, books.parked()) == (0, 0, 0)
        assert tally.issued == tally.acknowledged == tally.sent


def crash(platform: Platform, database: Postgres) -> tuple[float, float]:
    """Crash the database under load and start it again; return from when to when it was away."""
    before, put_off = len(platform.acknowledged), len(platform.put_off)
    wait_until(lambda: len(platform.acknowledged) > before + WRITERS, what="events are taken")
    away = time.monotonic()
    database.stop(signal.SIGQUIT)
    wait_until(lambda: len(platform.put_off) > put_off, what="somebody is told to wait")
    threading.Event().wait(1.0)  # long enough for every process to notice
    database.start()
    back = time.monotonic()
    after = len(platform.acknowledged)
    wait_until(lambda: len(platform.acknowledged) > after + WRITERS, what="events are taken again")
    return away, back


def is_in_time(at: float, away: float, back: float) -> bool:
    """Say whether a request that failed began while the database was away, or soon after."""
    return away - 1.0 <= at <= max(back, away + FAILURES_SECONDS)


def tells_what_to_do(answer: Answer) -> bool:
    """Say whether a 503 is a problem document that says when to come again."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return (
        headers.get("retry-after", "").isdigit()
        and headers["content-type"].startswith("application/problem+json")
        and answer.json()["status"] == 503
    )


def verify_path(platform: Platform) -> str:
    """Return where the first certificate is verified."""
    wait_until(lambda: bool(platform.acknowledged), what="an event is taken")
    first: str = next(iter(platform.acknowledged.values()))["verify_url"]
    return urlsplit(first).path
