"""What platforms reported, kept for ever under the platform's event id."""

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from certificates.models.course import CourseVersion
from certificates.models.recipient import Recipient
from templates_app.models import CertificateTemplate
from tenants.scoping import TenantOwned


class Completion(TenantOwned):
    """One reported completion. The certificate's id and token are fixed here, before signing."""

    class State(models.TextChoices):
        ACCEPTED = "accepted"
        HELD = "held"
        ISSUED = "issued"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: others begin with it.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    event_id = models.CharField(max_length=128)
    content_sha256 = models.CharField(
        max_length=64, editable=False, help_text="Keyed digest of what was reported."
    )
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="completions")
    name_index = models.PositiveSmallIntegerField(help_text="Which of the recipient's names.")
    course_version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="completions"
    )
    template = models.ForeignKey(
        CertificateTemplate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # nobody asks by it, and nearly all have none
    )
    completed_at = models.DateTimeField()
    utc_offset = models.SmallIntegerField(
        default=0,
        help_text="Minutes of the offset that was given: the printed day is the day there.",
    )
    occurred_at = models.DateTimeField(null=True, blank=True)
    grade = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=35, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="result, evidence")
    source = models.CharField(max_length=20, default="api")
    is_backfill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACCEPTED)
    reason = models.TextField(blank=True, help_text="Why it is held or refused.")
    answered_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeats",
        help_text="The earlier completion whose certificate answers this one: already_certified.",
    )
    certificate_id = models.UUIDField(help_text="Fixed at intake, before the certificate exists.")
    token = models.CharField(max_length=28, help_text="Without hyphens.")
    allows_repeats = models.BooleanField(default=False)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "event_id"], name="completion_once_per_event_id"
            ),
            models.UniqueConstraint(
                fields=["tenant", "recipient", "course_version"],
                condition=Q(
                    state__in=["accepted", "held"], allows_repeats=False, answered_by__isnull=True
                ),
                name="completion_one_pending_per_award",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # "Completions of the last days", the admin's default list.
            models.Index(fields=["tenant", "-accepted_at"], name="completion_by_time"),
            # "Being prepared": the page of a token whose certificate is not there yet.
            models.Index(
                fields=["token"],
                condition=Q(state__in=["accepted", "held"]),
                name="completion_pending_by_token",
            ),
            # Withdrawals and corrections that come before the certificate.
            models.Index(
                fields=["certificate_id"],
                condition=~Q(state="issued"),
                name="completion_unissued_by_promise",
            ),
        ]

    def __str__(self) -> str:
        return self.event_id

    @property
    def standing(self) -> State:
        """Where the award stands: that of the completion which answers this one, if any."""
        return self.State((self.answered_by or self).state)

    @property
    def completed_local(self) -> datetime:
        """The moment of completion in the offset it was reported with."""
        return self.completed_at.astimezone(timezone(timedelta(minutes=self.utc_offset)))

    @property
    def recipient_name(self) -> str:
        """The name this completion was reported with."""
        return str(self.recipient.names[self.name_index])
