"""A certificate on other paper than its own: made when it is first asked for, by a worker."""

from datetime import datetime

from django.db import transaction

from certificates import topics
from certificates.files import LETTER
from certificates.models import Certificate, RenderJob
from certificates.recording import RENDER_WEIGHT
from outbox.publishing import Message, publish


@transaction.atomic
def ask_for_letter(*, certificate: Certificate, now: datetime) -> bool:
    """Queue the certificate on Letter paper; return whether that was asked for just now.

    Nobody asks twice: only a certificate whose other files are done is queued, and it is not done
    from then on. What failed waits for an operator, so that no visitor keeps a worker busy.
    """
    jobs = RenderJob.objects.select_for_update().filter(
        certificate=certificate, state=RenderJob.State.DONE
    )
    job = jobs.first()
    if job is None:
        return False
    job.state, job.updated_at = RenderJob.State.QUEUED, now
    job.save(update_fields=["state", "updated_at"])
    message = Message(
        task=topics.RENDER,
        payload={"certificate_ids": [str(job.pk)], "paper": LETTER},
        dedupe_key=f"{LETTER}:{job.pk}:{job.attempts}",
        tenant_id=certificate.tenant_id,
        weight=RENDER_WEIGHT,
    )
    publish([message], now=now)
    return True
