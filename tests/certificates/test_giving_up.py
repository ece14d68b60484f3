"""What becomes of completions and jobs whose message was given up."""

from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from certificates import intake, issuance
from certificates.models import Completion, RenderJob
from outbox import policy, relay, running
from outbox.models import OutboxMessage
from tests.certificates.world import issued, issuing_tenant, report

pytestmark = pytest.mark.django_db


def give_up(task: str, now: datetime) -> None:
    """Let the message fail as often as it may."""
    message = OutboxMessage.objects.pending().get(task=task)
    for _ in range(policy.MAX_ATTEMPTS):
        fail(message, now)
    message.refresh_from_db()
    assert message.dead_at == now


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def fail(message: OutboxMessage, now: datetime) -> None:
    """Run the message's task once, which raises."""

    def again(*_: object) -> None:
        raise RuntimeError("again")

    running.run([message], begun=running.begin([message], now=now), call=again, now=now)


class TestIssuing:
    def test_counts_as_failed_and_says_so(self, now: datetime) -> None:
        tenant = issuing_tenant()
        series = {"tenant_id": tenant.pk, "reason": "retries_exhausted"}
        before = value("cert_issuance_failures_total", **series)
        intake.accept(tenant=tenant, reports=[report("a"), report("b")], source="test", now=now)
        give_up("certificates.issue", now)
        assert value("cert_issuance_failures_total", **series) - before == 2
        completion = Completion.objects.get(event_id="a")
        assert completion.state == Completion.State.ACCEPTED
        assert "send its message again" in completion.reason

    def test_is_forgotten_when_it_succeeds_after_all(self, now: datetime) -> None:
        tenant = issuing_tenant()
        intake.accept(tenant=tenant, reports=[report("a")], source="test", now=now)
        give_up("certificates.issue", now)
        completion = Completion.objects.get(event_id="a")
        issuance.issue(completion_ids=[completion.pk], now=now)
        completion.refresh_from_db()
        assert (completion.state, completion.reason) == (Completion.State.ISSUED, "")

    def test_of_what_was_issued_meanwhile_is_no_failure(self, now: datetime) -> None:
        tenant = issuing_tenant()
        issued(tenant, "a")
        series = {"tenant_id": tenant.pk, "reason": "retries_exhausted"}
        before = value("cert_issuance_failures_total", **series)
        give_up("certificates.issue", now)
        assert value("cert_issuance_failures_total", **series) == before


class TestRendering:
    def test_ends_the_job_of_a_file_that_killed_each_process(self, now: datetime) -> None:
        certificate = issued(issuing_tenant())
        message = OutboxMessage.objects.get(task="certificates.render")
        RenderJob.objects.update(state=RenderJob.State.RUNNING)
        OutboxMessage.objects.update(attempts=policy.MAX_ATTEMPTS)
        fail(message, now + timedelta(hours=1))
        certificate.render_job.refresh_from_db()
        assert certificate.render_job.state == RenderJob.State.FAILED
        assert relay.deliver(now=now + timedelta(days=1), only="certificates.render") == 0
