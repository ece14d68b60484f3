"""What eats memory, loops or crashes is ended, tried three times and given up; others go on."""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from certificates import artifacts, intake
from certificates.models import Certificate, RenderJob
from certificates.render_jobs import tell_failure
from observability import metrics
from outbox import relay
from outbox.models import OutboxMessage
from sandbox.running import run
from templates_app.queries import source_of
from templates_app.rendering import still
from templates_app.rendering.compiling import compile_design
from templates_app.starters import create_starter
from tests.certificates.world import add_course, report
from tests.factories.rows import make_tenant
from tests.processes import Process, kill_group, wait_until
from tests.reliability.platform import Platform
from tests.reliability.poisoned.apps import POISONOUS
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
# What a design may do to the process that lays it out, and how the failure is counted.
POISONS = {"die": "resource_limit", "swell": "resource_limit"} | (
    {"spin": "timeout", "sleep": "timeout"} if LONG else {}
)
# The sandbox's patience, and what comes before and after, with much else for the machine to do.
MOST_SECONDS = 90.0
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=warning")


@pytest.mark.django_db
class TestPoisonedDesign:
    @pytest.mark.parametrize("poison", POISONS)
    def test_fails_alone_after_three_tries(self, poison: str) -> None:
        now = datetime.now(UTC)
        for slug in ("bad", "good", "fine"):
            tenant = make_tenant(slug=slug, name=slug, now=now)
            signers = [{"name": f"{slug} {poison}", "title": "Director"}]  # no two designs alike
            create_starter(tenant=tenant, signers=signers, now=now)
            add_course(tenant, now=now)
            intake.accept(tenant=tenant, reports=[report()], source="test", now=now)
        relay_all("certificates.issue", now)
        bad = Certificate.objects.get(tenant__slug="bad")
        slowest = 0.0

        def place(*_: Any) -> bytes:
            nonlocal slowest
            started = time.monotonic()
            try:
                return run(f"tests.sandbox.probes:{poison}", {}, files={})[1]
            finally:
                slowest = max(slowest, time.monotonic() - started)

        def compiled(layout: Any, source: Any, *rest: Any, **named: Any) -> Any:
            if source == source_of(bad.template_version):
                named["place"] = place
            return compile_design(layout, source, *rest, **named)

        counted = metrics.RENDER_FAILURES.labels("pdf", POISONS[poison])._value.get()
        with (
            patch.object(still, "compile_design", compiled),
            patch.object(artifacts, "tell_failure", wraps=tell_failure) as told,
        ):
            for minutes in range(6):
                relay_all("certificates.render", now + timedelta(minutes=minutes))
        jobs = dict(RenderJob.objects.values_list("certificate__tenant__slug", "state"))
        assert jobs == {"bad": "failed", "good": "done", "fine": "done"}
        assert RenderJob.objects.get(pk=bad.pk).attempts == told.call_count == 3
        assert metrics.RENDER_FAILURES.labels("pdf", POISONS[poison])._value.get() == counted + 3
        assert not OutboxMessage.objects.pending().exists()
        assert slowest < MOST_SECONDS


def relay_all(task: str, now: datetime) -> None:
    """Deliver what is due of one task."""
    while relay.deliver(now=now, only=task):
        pass


class TestPoisonedProcess:
    @pytest.fixture
    def service(self, migrated_service: Service) -> Service:
        """Return a service in which one learner's pictures end the process that draws them."""
        migrated_service.variables["DJANGO_SETTINGS_MODULE"] = "tests.reliability.poisoned.settings"
        return migrated_service

    @pytest.fixture
    def by_broker(self, service: Service, broker_url: str) -> Iterator[None]:
        """Let Celery run the tasks."""
        service.variables["CELERY_BROKER_URL"] = broker_url
        service.run("-m", "celery", "-A", "config", "purge", "--force")
        worker: Process = service.spawn(*WORKER)
        yield
        kill_group(worker)

    def test_is_not_ended_a_fourth_time(
        self, service: Service, told: Callable[[Tally], Tally]
    ) -> None:
        self.check(service, told)

    @pytest.mark.broker
    @pytest.mark.usefixtures("by_broker")
    @pytest.mark.skipif(not LONG, reason="the same in workers: FAULTS=long")
    def test_of_a_worker_is_not_ended_a_fourth_time(
        self, service: Service, told: Callable[[Tally], Tally]
    ) -> None:
        self.check(service, told)

    def check(self, service: Service, told: Callable[[Tally], Tally]) -> None:
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        platform = Platform(service, **made, writers=0)
        service.start()
        names = {"before": "Ada Lovelace", "poison": POISONOUS, "after": "Grace Hopper"}
        for event_id, name in names.items():
            platform.report(event_id, name=name)
        path = f"/api/v1/certificates/{platform.acknowledged['after']['certificate_id']}"

        def has_files() -> bool:
            files: dict[str, Any] = platform.get(path).get("files", {})
            return all(files.get(kind) for kind in ("pdf", "png", "badge"))

        wait_until(has_files, what="the others have their files", seconds=180)
        inspect = partial(service.run, "-m", "tests.reliability.world", "inspect")
        found: dict[str, Any] = {}

        def is_given_up() -> bool:
            found.update(json.loads(inspect()))
            return "running" not in found["jobs"].values()

        wait_until(is_given_up, what="the poison is given up", seconds=180)
        assert found["jobs"] == {"before": "done", "poison": "failed", "after": "done"}
        tally = told(platform.tally(found["certificates_by_event"]))
        assert (tally.lost, tally.duplicate) == (0, 0)
