"""Who a tenant writes as, what was written about, and addresses that are written to no more.

No address and no word of a letter is kept here: a letter is composed when it goes out.
"""

import uuid
from typing import Any, ClassVar

from django.db import models

from tenants.scoping import TenantOwned


class Sender(TenantOwned):
    """The name and addresses a tenant's letters come from, and whether they go out at all."""

    name = models.CharField(max_length=100, help_text="What the inbox shows.")
    address = models.EmailField(
        blank=True, help_text="Empty: the installation's own. Its domain must let us send (SPF)."
    )
    reply_to = models.EmailField(blank=True, help_text="Where an answer goes.")
    tells_recipients = models.BooleanField(
        default=False,
        help_text="Write to each person whose certificate is issued or corrected.",
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["tenant"], name="mail_one_sender_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class Email(TenantOwned):
    """One letter: what about, and how it went."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting to be sent"
        SENT = "sent"
        DROPPED = "dropped", "not sent"
        BOUNCED = "bounced", "came back"
        FAILED = "failed", "given up: the mail server never took it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(help_text="What it is about.")
    copy = models.PositiveSmallIntegerField(default=1, help_text="1, and one more each re-send.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "e-mail"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "copy"], name="mail_one_letter_per_copy"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["tenant", "-created_at"], name="mail_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Suppression(TenantOwned):
    """An address that refused for good, or whose owner complained; only its digest is kept."""

    address_digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=20)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "address_digest"], name="mail_suppressed_once_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.address_digest[:12]
