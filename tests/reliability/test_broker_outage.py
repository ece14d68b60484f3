"""R3: the broker is away, then it is back and knows nothing: nobody who reports notices.

The short form has Redis away for seconds; FAULTS=long has each broker away for a minute.
"""

import json
import math
import os
import re
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.brokers import NO_RABBITMQ, RabbitMQ, Redis, is_rabbitmq_installed
from tests.processes import kill_group, wait_until
from tests.reliability.books import Books
from tests.reliability.platform import Platform
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
BROKERS = [Redis, RabbitMQ] if LONG else [Redis]
AWAY_SECONDS = 60.0 if LONG else 3.0
# Together at least twenty events a second, or some four where there are other tests beside.
WRITERS, PERIOD_SECONDS = (8, 0.25) if LONG else (2, 0.4)
DRAINED_SECONDS = 60.0
P95_SECONDS = 0.5
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=1", "--loglevel=warning")
# As deployed: whoever issues does not wait for files to be drawn.
ISSUING = "--queues=issue,resign,mail" if LONG else "--queues=issue,resign,mail,render"
DRAWING = ["--queues=render"] if LONG else []
_LAG = re.compile(r"^cert_outbox_lag_seconds(?:{[^}]*})? (\S+)$", re.MULTILINE)

Broker = Redis | RabbitMQ


@pytest.fixture(params=BROKERS, ids=[kind.__name__ for kind in BROKERS])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Yield a broker that this test alone uses, stops and starts."""
    if request.param is RabbitMQ and not is_rabbitmq_installed():
        pytest.skip(NO_RABBITMQ)
    with tempfile.TemporaryDirectory(prefix="certification-") as folder:
        one: Broker = request.param(Path(folder) / "broker")
        try:
            one.start()
            yield one
        finally:
            one.stop()


@pytest.fixture
def service(migrated_service: Service, broker: Broker) -> Service:
    """Return a service on PostgreSQL and that broker."""
    if "DATABASE_URL" not in migrated_service.variables:
        pytest.skip("needs PostgreSQL (TEST_DATABASE_URL; `make test` brings one)")
    migrated_service.variables |= {"CELERY_BROKER_URL": broker.url, "METRICS_TOKEN": "of this test"}
    return migrated_service


class TestBrokerAway:
    def test_loses_nothing_and_no_reporter_notices(
        self,
        service: Service,
        broker: Broker,
        told: Callable[[Tally], Tally],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        platform = Platform(service, **made, writers=WRITERS, period=PERIOD_SECONDS)
        books = Books(service.variables["DATABASE_URL"])
        service.start()
        workers = [service.spawn(*WORKER, queues) for queues in (ISSUING, *DRAWING)]
        try:
            with platform:
                wait_until(lambda: len(platform.acknowledged) > WRITERS, what="events are taken")
                await_drained(books, now())

                broker.stop()
                away_from = time.monotonic()
                lag = 0.0
                while time.monotonic() < away_from + AWAY_SECONDS or lag < 1:
                    threading.Event().wait(0.2)
                    lag = max(lag, lag_of(service))
                away_until, backlog = time.monotonic(), now()
                piled_up = books.waiting(reported_before=backlog)
                broker.start()
                drained = await_drained(books, backlog)

                os.killpg(workers[0].pid, signal.SIGSTOP)
                wait_until(lambda: books.at_the_broker() > WRITERS, what="the broker holds some")
                broker.stop()
                broker.forget()
                wait_until(lambda: books.at_the_broker() == 0, what="the relay sees it is gone")
                broker.start()
                lost = now()
                os.killpg(workers[0].pid, signal.SIGCONT)
                repaired = await_drained(books, lost)
            await_drained(books, now())
        finally:
            for worker in workers:
                kill_group(worker)

        during = [one.seconds for one in platform.attempts if away_from <= one.began < away_until]
        away = away_until - away_from
        p95 = sorted(during)[math.ceil(0.95 * len(during)) - 1]
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{type(broker).__name__} away for {away:.0f} s at"
                f" {len(during) / away:.1f} events/s: p95 {p95 * 1000:.0f} ms, lag"
                f" {lag:.0f} s, backlog of {piled_up} done after {drained:.1f} s; what it had"
                f" lost done {repaired:.1f} s after its return"
            )
        found = json.loads(service.run("-m", "tests.reliability.world", "inspect"))
        tally = told(platform.tally(found["certificates_by_event"]))
        assert {one.status for one in platform.attempts} == {202}
        assert (tally.lost, tally.duplicate, books.parked()) == (0, 0, 0)
        assert tally.issued == tally.sent
        assert piled_up > 0
        if LONG:
            assert lag > AWAY_SECONDS - 5
            assert len(during) >= 20 * away
            assert p95 < P95_SECONDS
            assert drained <= DRAINED_SECONDS


def now() -> datetime:
    return datetime.now(UTC)


def await_drained(books: Books, moment: datetime) -> float:
    """Return how long it took until all that was reported before a moment is issued."""
    began = time.monotonic()
    wait_until(
        lambda: books.waiting(reported_before=moment) == 0, what="all is issued", seconds=600
    )
    return time.monotonic() - began


def lag_of(service: Service) -> float:
    """Return what operators see."""
    bearer = {"Authorization": f"Bearer {service.variables['METRICS_TOKEN']}"}
    [lag] = _LAG.findall(service.request("GET", "/metrics", headers=bearer).body.decode())
    return float(lag)
