"""Ask for the files of certificates once more: the missing ones, or all."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from certificates import topics
from certificates.models import Certificate, RenderJob
from certificates.recording import RENDER_WEIGHT
from outbox.publishing import Message, publish
from templates_app.rendering.fonts import font_set

_BATCH = 500
AGAIN = (RenderJob.State.HELD, RenderJob.State.FAILED)


@transaction.atomic
def render_again(*, certificate_ids: Sequence[UUID], now: datetime) -> int:
    """Queue held and failed jobs again and return how many there were; others are left alone."""
    jobs = RenderJob.objects.select_for_update().filter(pk__in=certificate_ids, state__in=AGAIN)
    return _queue(jobs, now, anew=False)


@transaction.atomic
def mend(*, certificate: Certificate, now: datetime) -> bool:
    """Queue the making of a file that was found damaged; return whether just now.

    Only a certificate whose files were done is queued: however often it is asked for, once.
    """
    jobs = RenderJob.objects.select_for_update().filter(
        certificate=certificate, state=RenderJob.State.DONE
    )
    return bool(_queue(jobs, now, anew=False))


@transaction.atomic
def render_anew(*, certificate_ids: Sequence[UUID], now: datetime) -> int:
    """Queue the drawing of all files once more and return for how many certificates.

    What comes out different is kept as a further revision; the files there are stay.
    """
    jobs = RenderJob.objects.select_for_update().filter(pk__in=certificate_ids)
    return _queue(jobs, now, anew=True)


def _queue(jobs: QuerySet[RenderJob], now: datetime, *, anew: bool) -> int:
    found = list(jobs.select_related("certificate"))
    for job in found:
        job.state, job.reason, job.updated_at = RenderJob.State.QUEUED, "", now
    RenderJob.objects.bulk_update(found, ["state", "reason", "updated_at"])
    kind = "anew" if anew else "render"
    publish(
        [
            Message(
                task=topics.RENDER,
                payload={"certificate_ids": [str(job.pk)], **({"anew": True} if anew else {})},
                # The attempts make it one message a try, however often the button is pressed.
                dedupe_key=f"{kind}:{job.pk}:{job.attempts}",
                tenant_id=job.certificate.tenant_id,
                weight=RENDER_WEIGHT,
            )
            for job in found
        ],
        now=now,
    )
    return len(found)


def render_held(*, now: datetime) -> int:
    """Queue what was held back with other fonts than there are now, and return how many."""
    held = RenderJob.objects.filter(state=RenderJob.State.HELD).exclude(fonts=font_set().digest)
    ids = list(held.values_list("pk", flat=True))
    return sum(
        render_again(certificate_ids=ids[at : at + _BATCH], now=now)
        for at in range(0, len(ids), _BATCH)
    )
