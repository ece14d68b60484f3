"""R12: ten times the events, and thousands who ask for one certificate: nobody is turned away.

The short form takes seconds; FAULTS=long takes a minute for each.
"""

import http.client
import json
import math
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.processes import wait_until
from tests.reliability.platform import Platform
from tests.reliability.visitor import Visitor
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
SPIKE_SECONDS = 60.0 if LONG else 2.0
USUAL, SPIKE, PERIOD_SECONDS = 1, 10, 0.1
HITS, HIT_SECONDS, READERS = (10_000, 60.0, 8) if LONG else (200, 60.0, 4)
P95_SECONDS = 0.3
PATIENCE_SECONDS = 900.0 if LONG else 300.0
COUNTERS = {
    "cert_verification_total": 'result="issued"',
    "cert_tenant_verification_total": 'result="issued"',
    "cert_public_verify_cache_requests_total": 'outcome="',
    "cert_public_verify_duration_seconds_count": 'cache="',
}


@pytest.fixture
def service(migrated_service: Service) -> Iterator[Service]:
    """Yield a running service on the database of this run."""
    migrated_service.variables["METRICS_TOKEN"] = "of this test"
    migrated_service.start()
    yield migrated_service
    migrated_service.stop()


@pytest.fixture
def platform(service: Service) -> Platform:
    """Return a platform with one certificate, which is issued."""
    made = json.loads(service.run("-m", "tests.reliability.world", "make"))
    platform = Platform(service, **made, writers=SPIKE, period=PERIOD_SECONDS)
    platform.report("first")
    path = verify_path(platform)
    wait_until(lambda: service.request("GET", path).status == 200, what="the first is issued")
    return platform


class TestTenTimesTheEvents:
    def test_are_all_taken_while_certificates_verify(
        self,
        service: Service,
        platform: Platform,
        told: Callable[[Tally], Tally],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        with Visitor(service, [verify_path(platform)]) as visitor:
            began = time.monotonic()
            with platform:
                wait_until(
                    lambda: time.monotonic() > began + SPIKE_SECONDS,
                    what="the spike",
                    seconds=2 * SPIKE_SECONDS,
                )
            taken_by = time.monotonic()
            awaited = {urlsplit(one["verify_url"]).path for one in platform.acknowledged.values()}

            def all_issued() -> bool:
                done = [path for path in awaited if platform.get(path)["result"] == "issued"]
                awaited.difference_update(done)
                return not awaited

            wait_until(all_issued, what="every certificate is issued", seconds=PATIENCE_SECONDS)
        p95 = p95_of([visit.seconds for visit in visitor.visits])
        rate = len(platform.acknowledged) / (taken_by - began)
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{SPIKE / USUAL:.0f} times the writers for {SPIKE_SECONDS:.0f} s: {rate:.0f}"
                f" events/s taken, all issued {time.monotonic() - taken_by:.1f} s after; verify"
                f" p95 {p95 * 1000:.0f} ms over {len(visitor.visits)}"
            )
        found = json.loads(service.run("-m", "tests.reliability.world", "inspect"))
        tally = told(platform.tally(found["certificates_by_event"]))
        assert {one.status for one in platform.attempts} == {202}
        assert Counter(one.answer.status if one.answer else 0 for one in visitor.visits) == {
            200: len(visitor.visits)
        }
        assert (tally.lost, tally.duplicate) == (0, 0)
        assert tally.issued == tally.sent
        if LONG:
            assert p95 < P95_SECONDS


class TestThousandsOfHitsOnOneToken:
    def test_are_all_answered_and_all_counted(
        self, service: Service, platform: Platform, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = f"/api/v1{verify_path(platform)}"
        expected = Counter({name: number + HITS for name, number in counted(service).items()})
        missed = misses(service)
        began = time.monotonic()
        with ThreadPoolExecutor(READERS) as readers:
            seconds = [one for each in readers.map(read, *batches(service, path)) for one in each]
        lasted = time.monotonic() - began
        p95 = p95_of(seconds)
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{len(seconds)} hits on one token in {lasted:.0f} s, p95 {p95 * 1000:.0f} ms,"
                f" {misses(service) - missed} reached anew"
            )
        # Answers from memory are counted in batches of a second.
        wait_until(lambda: counted(service) >= expected, what="every hit is counted")
        assert counted(service) == expected
        # One web process: at most one look into the database a second, but for those who asked
        # before the first of them was answered.
        assert misses(service) - missed <= math.ceil(lasted) + READERS
        wait_until(lambda: written_down(service) >= HITS, what="the roll-up has them")
        if LONG:
            assert lasted < HIT_SECONDS
            assert p95 < P95_SECONDS


def batches(service: Service, path: str) -> tuple[list[Service], list[str], list[int]]:
    return [service] * READERS, [path] * READERS, [HITS // READERS] * READERS


def read(service: Service, path: str, times: int) -> list[float]:
    """Read over one connection; return how long each answer took."""
    seconds = []
    pause = threading.Event()
    spread = HIT_SECONDS * 0.8 / times if LONG else 0.0
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as connection:
        for _ in range(times):
            began = time.monotonic()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = json.loads(answer.read())
            seconds.append(time.monotonic() - began)
            assert (answer.status, body["result"], body["in_force"]) == (200, "issued", True)
            pause.wait(max(spread - seconds[-1], 0.0))
    return seconds


def counted(service: Service) -> Counter[str]:
    """Return what each counter of verifications says, summed over its other labels."""
    text = scraped(service)
    return Counter({name: total(text, name, label) for name, label in COUNTERS.items()})


def misses(service: Service) -> int:
    """Return how many verdicts were reached anew."""
    return total(scraped(service), "cert_public_verify_cache_requests_total", 'outcome="miss"')


def scraped(service: Service) -> str:
    bearer = {"Authorization": f"Bearer {service.variables['METRICS_TOKEN']}"}
    return service.request("GET", "/metrics", headers=bearer).body.decode()


def total(text: str, name: str, label: str) -> int:
    values = re.findall(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE)
    return sum(int(float(value)) for labels, value in values if label in labels)


def written_down(service: Service) -> int:
    """Return how many verifications the hourly roll-up holds."""
    return int(service.run("-m", "tests.reliability.world", "verifications"))


def verify_path(platform: Platform) -> str:
    return urlsplit(str(platform.acknowledged["first"]["verify_url"])).path


def p95_of(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]
