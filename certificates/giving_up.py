"""What it means when the outbox gives a task of ours up."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from certificates import topics
from certificates.models import Completion, RenderJob
from observability import metrics
from outbox import running

_REASON = "The service failed at this again and again. An operator can send its message again."


def register() -> None:
    """Let the outbox tell us."""
    for topic in (topics.ISSUE, topics.ISSUE_BULK):
        running.when_given_up(topic, _issuing_failed)
    for topic in (topics.RENDER, topics.RENDER_BULK):
        running.when_given_up(topic, _rendering_failed)


def _issuing_failed(payload: Mapping[str, Any]) -> None:
    """Say so on the completions, and count them as failures: nothing will come by itself."""
    left = Completion.objects.filter(
        pk__in=payload["completion_ids"], state=Completion.State.ACCEPTED, answered_by__isnull=True
    )
    for tenant_id, count in left.values_list("tenant_id").annotate(Count("pk")):
        metrics.ISSUANCE_FAILURES.labels(tenant_id, "retries_exhausted").inc(count)
    left.update(reason=_REASON)


def _rendering_failed(payload: Mapping[str, Any]) -> None:
    """End the jobs that a killed process left running."""
    RenderJob.objects.filter(
        pk__in=payload["certificate_ids"],
        state__in=[RenderJob.State.QUEUED, RenderJob.State.RUNNING],
    ).update(state=RenderJob.State.FAILED, reason=_REASON)
