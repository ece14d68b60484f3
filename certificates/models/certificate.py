"""Certificates: one award to one recipient, immutable but for its end."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from certificates.models.completion import Completion
from certificates.models.course import CourseVersion
from certificates.models.recipient import Recipient
from certificates.models.status_list import StatusList
from templates_app.models import TemplateVersion
from tenants.scoping import TenantOwned, TenantQuerySet


class CertificateQuerySet(TenantQuerySet):
    """Certificates by whether they stand."""

    def in_force(self, *, now: datetime) -> Self:
        """Return certificates that are neither withdrawn nor expired."""
        return self.in_state(Certificate.State.ISSUED, now=now)

    def in_state(self, state: "Certificate.State", *, now: datetime) -> Self:
        """Return certificates that stand so at `now`, by the rules of `Certificate.state`."""
        stands, replaced = Q(revoked_at__isnull=True), Q(revocation_reason="superseded")
        by_state = {
            Certificate.State.ISSUED: stands & (Q(expires_at__isnull=True) | Q(expires_at__gt=now)),
            Certificate.State.EXPIRED: stands & Q(expires_at__lte=now),
            Certificate.State.REVOKED: ~stands & ~replaced,
            Certificate.State.SUPERSEDED: replaced,
        }
        return self.filter(by_state[state])


class Certificate(TenantOwned):
    """Our record of one award to one recipient."""

    class Reason(models.TextChoices):
        ISSUED_IN_ERROR = "issued_in_error", "issued in error"
        FRAUD = "fraud", "fraud"
        SUPERSEDED = "superseded", "replaced by a corrected certificate"
        KEY_COMPROMISE = "key_compromise", "signing key compromised"
        LEARNER_REQUEST = "learner_request", "at the holder's request"
        OTHER = "other", "other"

    class State(models.TextChoices):
        ISSUED = "issued"
        EXPIRED = "expired"
        REVOKED = "revoked"
        SUPERSEDED = "superseded"

    class Visibility(models.TextChoices):
        PUBLIC = "public", "public"
        UNLISTED = "unlisted", "whoever has the link"
        PRIVATE = "private", "nobody"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: others begin with it.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    completion = models.ForeignKey(
        Completion, on_delete=models.PROTECT, related_name="certificates"
    )
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="certificates")
    course_version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="certificates"
    )
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, related_name="certificates"
    )
    name_index = models.PositiveSmallIntegerField(help_text="Which of the recipient's names.")
    grade = models.CharField(max_length=1000, blank=True)
    token = models.CharField(max_length=28, unique=True, help_text="Without hyphens.")
    credential_url = models.CharField(max_length=500, help_text="The signed document's id.")
    status_list = models.ForeignKey(
        StatusList, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status_index = models.PositiveIntegerField()
    allows_repeats = models.BooleanField(default=False)
    accepted_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    revocation_note = models.TextField(blank=True, help_text="For operators; never public.")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects: ClassVar[Any] = CertificateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["completion"],
                condition=Q(revoked_at__isnull=True),
                name="certificate_one_in_force_per_completion",
            ),
            models.UniqueConstraint(
                fields=["tenant", "recipient", "course_version"],
                condition=Q(revoked_at__isnull=True, renewed_at__isnull=True, allows_repeats=False),
                name="certificate_one_in_force_per_award",
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="certificate_status_index_once"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revocation_reason="")
                | Q(revoked_at__isnull=False) & ~Q(revocation_reason=""),
                name="certificate_revoked_with_reason",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # The API's and the admin's lists: newest first within a tenant.
            models.Index(fields=["tenant", "-issued_at", "-id"], name="certificate_by_time"),
            # The list of whoever acts for all tenants.
            models.Index(fields=["-issued_at", "-id"], name="certificate_by_time_of_all"),
            # What was withdrawn lately: asked twice a second by each web process.
            models.Index(
                fields=["revoked_at"],
                condition=Q(revoked_at__isnull=False),
                name="certificate_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def recipient_name(self) -> str:
        """The name this certificate was issued to."""
        return str(self.recipient.names[self.name_index])

    @property
    def successor(self) -> "Certificate | None":
        """The certificate that took this one's place."""
        found: Certificate | None = getattr(self, "superseded_by", None)
        return found

    @property
    def visibility(self) -> Visibility:
        """Who may see its page and files."""
        chosen = getattr(self, "sharing", None)
        return self.Visibility(chosen.visibility) if chosen else self.Visibility.UNLISTED

    @property
    def is_private(self) -> bool:
        """Whether its holder shares it with nobody (any more)."""
        return self.visibility is self.Visibility.PRIVATE

    def state(self, *, now: datetime) -> State:
        """Return where the certificate stands at `now`."""
        if self.revocation_reason == self.Reason.SUPERSEDED:
            return self.State.SUPERSEDED
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return self.State.EXPIRED
        return self.State.ISSUED
