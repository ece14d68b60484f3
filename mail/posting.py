"""Ask for letters, in the transaction of what they are about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from mail import topics
from mail.models import Email
from observability import rows
from outbox.publishing import Message, publish
from tenants.models import Tenant

_WEIGHT = 50  # milliseconds with a mail server that is not far, about


def post(*, tenant: Tenant, kind: str, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Ask for one letter about each thing."""
    _send(
        [
            Email(tenant_id=tenant.pk, kind=kind, subject_id=subject_id, created_at=now)
            for subject_id in subject_ids
        ],
        now=now,
    )


def post_again(*, tenant: Tenant, kind: str, subject_id: UUID, now: datetime) -> Email:
    """Ask for a further copy of a letter; the earlier ones stay on record."""
    earlier = Email.objects.filter(kind=kind, subject_id=subject_id)
    last = earlier.aggregate(last=Max("copy"))["last"] or 0
    email = Email(
        tenant_id=tenant.pk, kind=kind, subject_id=subject_id, copy=last + 1, created_at=now
    )
    _send([email], now=now)
    return email


def _send(emails: Sequence[Email], *, now: datetime) -> None:
    rows.store(emails)
    publish(
        [
            Message(
                task=topics.SEND,
                payload={"email_id": str(email.pk)},
                dedupe_key=f"mail:{email.pk}",
                tenant_id=email.tenant_id,
                weight=_WEIGHT,
            )
            for email in emails
        ],
        now=now,
    )
