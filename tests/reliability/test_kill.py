"""Killed at any moment, the service loses nothing it acknowledged and issues nothing twice.

The short form kills three times; FAULTS=long kills 200 times over at least 5,000 events, the
embedded service 100 times; KILLS sets another number.
"""

import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from outbox import policy
from tests.processes import Process, kill_group, wait_until
from tests.reliability.onlooker import Onlooker
from tests.reliability.platform import Platform
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
KILLS = int(os.environ.get("KILLS", "0")) or (200 if LONG else 3)
WRITERS = 8 if LONG else 4
# Most reports hold one event, some an array, one the most an array may hold.
SIZES = (*(*[1] * 40, 20, *[1] * 40, 100) * 6, 1000) if LONG else (*[1] * 7, 25)
# Twenty-five a kill is what 5,000 events over 200 kills are.
EVENTS_A_KILL, PERIOD_SECONDS = (25, 1.0) if LONG else (1, 0.2)
# A message whose holder was killed comes back after its lease; then it is worked on.
RECOVERY_SECONDS = policy.LEASE.total_seconds() + (600 if LONG else 300)
# What was promised of a quiet machine: all that was acknowledged is issued so soon after the last
# restart. The long form holds it to that.
VISIBLE_SECONDS = 30.0
# Of more than this many certificates some are looked at from outside; the rows of all are.
MOST_LOOKED_AT = 300
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=warning")

Kill = Callable[[random.Random], None]


@dataclass
class Kills:
    """The kills of one test, who looked on, and when what was killed last was started again."""

    platform: Platform
    onlooker: Onlooker
    number: int = 0
    last_restart_at: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(20260301))


class TestKillTheService:
    def test_what_was_acknowledged_is_issued_exactly_once(
        self,
        migrated_service: Service,
        told: Callable[[Tally], Tally],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        platform = _platform(migrated_service)
        migrated_service.start()
        kills = _report_and_kill(
            platform, kill=_restarting(migrated_service), number=max(3, KILLS // 2)
        )
        assert platform.interruptions > 0
        with capsys.disabled():
            _assert_all_issued(kills, told)


@pytest.mark.broker
class TestKillOneOfMany:
    @pytest.fixture
    def service(self, migrated_service: Service, broker_url: str) -> Service:
        """Return a service whose tasks Celery runs; the workers are the test's to start."""
        migrated_service.variables["CELERY_BROKER_URL"] = broker_url
        migrated_service.run("-m", "celery", "-A", "config", "purge", "--force")
        migrated_service.start()
        return migrated_service

    @pytest.mark.parametrize("whom", ["worker", "web"] if LONG else ["either"])
    def test_what_was_acknowledged_is_issued_exactly_once(
        self,
        service: Service,
        whom: str,
        told: Callable[[Tally], Tally],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        platform = _platform(service)
        with _workers(service, 2 if LONG else 1) as workers:
            kill_a_worker: Kill = partial(_kill_a_worker, service, workers)
            ways = {"worker": [kill_a_worker], "web": [_restarting(service)]}
            ways["either"] = ways["worker"] + ways["web"]

            def kill(dice: random.Random) -> None:
                dice.choice(ways[whom])(dice)

            kills = _report_and_kill(platform, kill=kill, number=KILLS)
            with capsys.disabled():
                _assert_all_issued(kills, told)


def _restarting(service: Service) -> Kill:
    def restart(_: random.Random) -> None:
        service.kill()
        service.start()

    return restart


@contextmanager
def _workers(service: Service, number: int) -> Iterator[list[Process]]:
    workers: list[Process] = [service.spawn(*WORKER) for _ in range(number)]
    try:
        yield workers
    finally:
        for worker in workers:
            kill_group(worker)


def _kill_a_worker(service: Service, workers: list[Process], dice: random.Random) -> None:
    """Kill a child at its task, which its parent replaces, or the oldest worker as a whole."""
    children = [
        child
        for worker in workers
        for child in psutil.Process(worker.pid).children()
        if worker.poll() is None
    ]
    if children and dice.random() < 0.6:
        dice.choice(children).kill()
        return
    kill_group(workers.pop(0))
    workers.append(service.spawn(*WORKER))


def _platform(service: Service) -> Platform:
    made = json.loads(service.run("-m", "tests.reliability.world", "make"))
    return Platform(service, **made, writers=WRITERS, sizes=SIZES, period=PERIOD_SECONDS)


def _report_and_kill(platform: Platform, *, kill: Kill, number: int) -> Kills:
    with platform, Onlooker(platform) as onlooker:
        kills = Kills(platform, onlooker)
        while kills.number < number:
            kills.number += 1
            least = len(platform.acknowledged) + kills.dice.randint(1, 2 * WRITERS)
            enough = max(least, kills.number * EVENTS_A_KILL)
            wait_until(
                partial(_took, platform, enough),
                what="completions are acknowledged",
                seconds=RECOVERY_SECONDS,
            )
            # A moment that no step of the service sets: it must fall between any two of them.
            threading.Event().wait(kills.dice.uniform(0, 0.5))
            kill(kills.dice)
            kills.last_restart_at = time.time()
    assert platform.refused == []
    assert not [one for one in platform.put_off if b"locked" in one.body]
    return kills


def _took(platform: Platform, number: int) -> bool:
    return len(platform.acknowledged) >= number


def _assert_all_issued(kills: Kills, told: Callable[[Tally], Tally]) -> None:
    platform = kills.platform
    paths = sorted(urlsplit(one["verify_url"]).path for one in platform.acknowledged.values())
    awaited = set(kills.dice.sample(paths, min(len(paths), MOST_LOOKED_AT)))
    found: dict[str, Any] = {}

    def all_issued() -> bool:
        awaited.difference_update(
            [path for path in awaited if platform.get(path)["result"] == "issued"]
        )
        if not awaited:
            found.update(
                json.loads(platform.service.run("-m", "tests.reliability.world", "inspect"))
            )
        return not awaited and all(found["certificates_by_event"].values())

    wait_until(all_issued, what="every certificate is issued", seconds=RECOVERY_SECONDS)
    seconds = found["last_issued_at"] - kills.last_restart_at
    print(  # noqa: T201
        f"\n{kills.number} kills, {platform.interruptions} requests cut, all issued {seconds:.1f} s"
        f" after the last restart; {kills.onlooker}"
    )
    tally = told(platform.tally(found["certificates_by_event"]))
    assert (tally.lost, tally.duplicate) == (0, 0)
    assert found["certificates_by_event"] == dict.fromkeys(platform.acknowledged, 1)
    assert found["damaged_files"] == kills.onlooker.wrong == []
    assert found["integrity"] == "ok"
    assert not LONG or seconds <= VISIBLE_SECONDS
