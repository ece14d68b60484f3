"""Real processes: a relay, a killed relay, and a Celery worker on a real broker."""

import http.client
import json
import signal
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any
from uuid import uuid4

import psutil
import pytest

from outbox import policy
from tests.processes import Process, free_port, kill_group, stop, wait_until
from tests.service import Service

MESSAGES = 300


@pytest.fixture
def service(migrated_service: Service) -> Service:
    """Return the environment of a migrated service with the recording app."""
    migrated_service.variables["DJANGO_SETTINGS_MODULE"] = "tests.outbox.settings"
    return migrated_service


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """Collect what a test starts, and end what it leaves."""
    started: list[Process] = []
    yield started
    for process in started:
        kill_group(process)


def messages(service: Service, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(service.run("-m", "tests.outbox.messages", *arguments))
    return found


def recorded(service: Service) -> list[list[str]]:
    file = service.folder / "record.log"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def numbers(service: Service) -> set[int]:
    return {int(line[0]) for line in recorded(service)}


def scrape(service: Service) -> str:
    port = int(service.variables["METRICS_PORT"])
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        token = service.variables["METRICS_TOKEN"]
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().read().decode()


class TestTheRelay:
    def test_with_another_runs_each_message_once_and_stops_when_told(
        self, service: Service, processes: list[Process]
    ) -> None:
        processes += [service.spawn("manage.py", "relay") for _ in range(2)]
        log = service.folder / "service.log"
        wait_until(
            lambda: log.exists() and log.read_text().count("relay_started") == 2, what="both run"
        )
        messages(service, "publish", "tests.record", str(MESSAGES))
        wait_until(lambda: len(numbers(service)) == MESSAGES, what="all run")
        assert [stop(process, signal.SIGTERM) for process in processes] == [0, 0]
        assert len(recorded(service)) == MESSAGES
        assert {line[2] for line in recorded(service)} == {"from-the-publisher"}
        found = messages(service, "print")
        assert (found["pending"], found["attempts"]) == (0, [1] * MESSAGES)

    def test_ended_in_the_middle_leaves_nothing_behind_that_must_be_waited_for(
        self, service: Service, processes: list[Process]
    ) -> None:
        many = 10 * MESSAGES
        messages(service, "publish", "tests.record", str(many))
        service.variables["RECORDING_HOLD"] = "40"
        relay = service.spawn("manage.py", "relay")
        processes.append(relay)
        wait_until(lambda: len(numbers(service)) == 40, what="some run", process=relay)
        relay.terminate()
        (service.folder / "go").touch()
        assert stop(relay) == 0
        ran = len(recorded(service))
        assert ran < many
        found = messages(service, "print")
        assert (found["pending"], found["held"]) == (many - ran, 0)
        assert sum(found["attempts"]) == ran

    def test_killed_in_the_middle_loses_nothing(
        self, service: Service, processes: list[Process]
    ) -> None:
        service.variables["RECORDING_IMPATIENT"] = "yes"
        messages(service, "publish", "tests.record", str(MESSAGES))
        for last in (40, 150):
            service.variables["RECORDING_HOLD"] = str(last)
            goal = len(numbers(service)) + 40
            relay = service.spawn("manage.py", "relay")
            processes.append(relay)
            wait_until(
                lambda goal=goal: len(numbers(service)) >= goal,  # type: ignore[misc]
                what=f"{goal} tasks run",
                process=relay,
            )
            kill_group(relay)
        del service.variables["RECORDING_HOLD"]
        relay = service.spawn("manage.py", "relay")
        processes.append(relay)
        # What ran with a relay that was killed before its mark runs once more, after its lease.
        wait_until(
            lambda: messages(service, "print")["pending"] == 0, what="all done", process=relay
        )
        assert len(numbers(service)) == MESSAGES
        assert stop(relay) == 0
        # Both kills may have caught a bundle of light tasks between their work and their mark.
        assert len(recorded(service)) <= MESSAGES + 2 * policy.BUNDLE
        found = messages(service, "print")
        assert (found["pending"], found["dead"]) == (0, 0)
        assert max(found["attempts"]) <= 1 + 2


@pytest.mark.broker
class TestTheWorker:
    @pytest.fixture
    def impatient(self, service: Service) -> None:
        """Shorten the waits for what was killed or lost."""
        service.variables["RECORDING_IMPATIENT"] = "yes"

    @pytest.fixture
    def held(self, service: Service) -> None:
        """Keep a child of the worker at one message until it may go on."""
        service.variables["RECORDING_HOLD"] = "30"

    @pytest.fixture
    def worker(self, service: Service, processes: list[Process], broker_url: str) -> Process:
        """Start a relay and a Celery worker with two children, on a queue of this test's own."""
        service.variables["CELERY_BROKER_URL"] = broker_url
        service.variables["RECORDING_QUEUE"] = f"test-{uuid4().hex}"
        processes.append(service.spawn("manage.py", "relay"))
        # What a worker's host has besides: its children count into one folder.
        folder = service.folder / "counts"
        folder.mkdir()
        service.variables["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        service.variables["METRICS_PORT"] = str(free_port())
        service.variables["METRICS_TOKEN"] = "for this test"
        celery = ("-m", "celery", "-A", "config", "worker", "--concurrency=2")
        processes.append(service.spawn(*celery))
        return processes[-1]

    def test_runs_tasks_marks_them_done_and_leaves_failures_to_the_outbox(
        self, service: Service, worker: Process
    ) -> None:
        messages(service, "publish", "tests.record", "20")
        messages(service, "publish", "outbox.purge")
        messages(service, "publish", "tests.fail_once")
        wait_until(
            lambda: messages(service, "print")["pending"] == 0, what="all are done", process=worker
        )
        assert messages(service, "print")["attempts"] == [1] * 21 + [2]
        assert numbers(service) == set(range(20))
        assert {line[2] for line in recorded(service)} == {"from-the-publisher"}
        runners = {int(line[1]) for line in recorded(service)}
        assert all(psutil.Process(runner).ppid() == worker.pid for runner in runners)
        assert 'cert_completion_events_total{tenant_id="recorded"} 20.0' in scrape(service)

    @pytest.fixture
    def second(self, service: Service, worker: Process, processes: list[Process]) -> Process:
        """Start another worker, of the same name, and return it once both run tasks.

        RabbitMQ used to refuse the second, and a restarted one whose killed self it still saw.
        """
        second = service.spawn("-m", "celery", "-A", "config", "worker", "--concurrency=2")
        processes.append(second)
        rounds = count(1)

        def runners_of_both() -> bool:
            messages(service, "publish", "tests.record", str(20 * next(rounds)))
            runners = {int(line[1]) for line in recorded(service)}
            return {psutil.Process(runner).ppid() for runner in runners} == {worker.pid, second.pid}

        wait_until(runners_of_both, what="both run tasks", process=second)
        return second

    def test_shares_the_work_with_another_and_hands_it_back_when_it_ends(
        self, service: Service, worker: Process, second: Process
    ) -> None:
        assert worker.poll() is None
        before, many = len(recorded(service)), 3 * MESSAGES
        messages(service, "publish", "tests.record", str(many), "1", "10000")
        wait_until(lambda: len(recorded(service)) > before, what="some run", process=worker)
        assert stop(worker) == 0
        # Sooner than anything is sent again: what it had fetched went back to the broker.
        wait_until(lambda: messages(service, "print")["pending"] == 0, what="all are done")
        assert set(messages(service, "print")["attempts"]) == {1}
        assert len(recorded(service)) == len(numbers(service))
        assert second.poll() is None

    @pytest.mark.usefixtures("impatient", "held", "worker")
    def test_killed_with_its_queue_loses_nothing(
        self, service: Service, worker: Process, processes: list[Process]
    ) -> None:
        many = 3 * MESSAGES
        messages(service, "publish", "tests.record", str(many))
        wait_until(lambda: len(numbers(service)) > many / 30, what="some run", process=worker)
        kill_group(worker)
        (service.folder / "go").touch()
        assert len(numbers(service)) < many
        processes.append(service.spawn("-m", "celery", "-A", "config", "worker", "--concurrency=2"))
        wait_until(lambda: len(numbers(service)) == many, what="all run", seconds=60)
        wait_until(lambda: messages(service, "print")["pending"] == 0, what="all are done")
        assert messages(service, "print")["dead"] == 0
