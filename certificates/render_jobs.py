"""Where the making of one certificate's files stands: begun, moved on, given up."""

from datetime import datetime
from uuid import UUID

from certificates.attributes import event_attributes
from certificates.models import Certificate, RenderJob
from certificates.queries import artifacts_of
from observability import metrics
from observability.events import Event, emit

MOST_TRIES = 3
# Tries that ended in this process without room in the database to say so: nothing died of them.
unwritten: set[UUID] = set()


def begin(*, certificate: Certificate, now: datetime) -> RenderJob | None:
    """Count one more try before it is made; None where too many killed their process."""
    job, _ = RenderJob.objects.get_or_create(
        certificate=certificate, defaults={"created_at": now, "updated_at": now}
    )
    if certificate.pk in unwritten:
        unwritten.discard(certificate.pk)
        job.unfinished = 0
    if job.unfinished >= MOST_TRIES:
        _give_up(certificate, job, now)
        return None
    job.attempts += 1
    job.unfinished += 1
    move(job, RenderJob.State.RUNNING, now=now)
    return job


def move(job: RenderJob, state: RenderJob.State, *, now: datetime, reason: str = "") -> None:
    """Write down where a job stands; in any state but RUNNING its process lives."""
    job.state, job.reason, job.updated_at = state, reason, now
    if state != RenderJob.State.RUNNING:
        job.unfinished = 0
    job.save(update_fields=["state", "reason", "fonts", "attempts", "unfinished", "updated_at"])


def tell(event: Event, certificate: Certificate, *, kind: str, **more: str) -> None:
    """Emit what became of one file."""
    attributes = {**event_attributes(certificate), **more}
    emit(event, tenant_id=certificate.tenant_id, format=kind, **attributes)


def tell_failure(certificate: Certificate, *, kind: str, reason: str) -> None:
    """Emit that a file could not be made."""
    tell(Event.RENDER_FAILED, certificate, kind=kind, reason=reason)


def _give_up(certificate: Certificate, job: RenderJob, now: datetime) -> None:
    """Leave alone what killed each process that drew it, so that others get their turn."""
    made = artifacts_of(certificate)
    kind = next((each for each in metrics.FORMATS if each not in made), metrics.FORMATS[0])
    reason = f"each of {job.unfinished} processes that drew it died"
    metrics.RENDER_FAILURES.labels(kind, "resource_limit").inc()
    tell_failure(certificate, kind=kind, reason=f"resource_limit: {reason}")
    move(job, RenderJob.State.FAILED, now=now, reason=f"{kind}: {reason}")
