"""What people ask an issuer about a certificate, from its pages."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from certificates.models.certificate import Certificate
from tenants.scoping import TenantOwned


class Case(TenantOwned):
    """One request of a holder, or one report of a reader, until somebody has dealt with it."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "name correction"
        DELETION = "deletion", "deletion"
        REPORT = "report", "report of a problem"

    class Subject(models.TextChoices):
        WRONG = "wrong", "something on it is wrong"
        MISUSED = "misused", "somebody else uses it"
        FORGED = "forged", "it does not look genuine"
        OTHER = "other", "something else"

    class State(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(
        max_length=10, choices=Subject, blank=True, help_text="Of a report: what it is about."
    )
    wanted_name = models.CharField(
        max_length=1000, blank=True, help_text="Of a correction: the name as it should be."
    )
    text = models.TextField(blank=True, help_text="In the words of whoever wrote.")
    contact = models.CharField(
        max_length=254, blank=True, help_text="Where a reader who reported may be answered."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    note = models.TextField(blank=True, help_text="For operators; never public.")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=100, blank=True, help_text="A kind and an id.")

    class Meta:
        verbose_name = "request"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["certificate", "kind"],
                condition=Q(state="open") & ~Q(kind="report"),
                name="case_one_open_request_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | ~Q(state="open") & Q(closed_at__isnull=False),
                name="case_closed_with_its_time",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # The inbox: what is open first, newest first within a tenant.
            models.Index(fields=["tenant", "state", "-created_at"], name="case_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d}"
