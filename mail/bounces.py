"""Take note of letters that came back, and of people who want no more."""

from datetime import datetime
from uuid import UUID

from mail import letters
from mail.delivery import suppress
from mail.models import Email
from observability import metrics


def note(*, email_id: UUID, reason: str, is_final: bool, now: datetime) -> bool:
    """Mark a letter as come back; for good: its address gets none any more.

    Returns False where no letter of ours has this id, or it was noted before.
    """
    email = Email.objects.filter(pk=email_id).first()
    if email is None:
        return False
    changed = Email.objects.filter(pk=email_id, bounced_at__isnull=True).update(
        state=Email.State.BOUNCED, bounced_at=now, reason=reason[:200]
    )
    if is_final:
        letter = letters.compose(kind=email.kind, subject_id=email.subject_id)
        if not isinstance(letter, str):
            suppress(tenant_id=email.tenant_id, address=letter.to, reason=reason[:20], now=now)
    if changed:
        metrics.MAIL.labels("bounced").inc()
    return bool(changed)
