"""Which domain an issuer says is its own, and whether the domain says so too."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from tenants.scoping import TenantOwned


class DomainProof(TenantOwned):
    """A tenant's domain. Only a confirmed one is ever shown to the public."""

    class State(models.TextChoices):
        PENDING = "pending", "not checked yet"
        CONFIRMED = "confirmed"
        ABSENT = "absent", "not found"

    class Method(models.TextChoices):
        DNS = "dns", "DNS record"
        DID_WEB = "did:web", "DID document"

    tenant = models.OneToOneField(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="domain_proof"
    )
    domain = models.CharField(max_length=253, help_text="Such as academy.org.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, editable=False)
    method = models.CharField(max_length=10, choices=Method, blank=True, editable=False)
    confirmed_since = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When an answer last came."
    )
    tried_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last asked for."
    )
    reason = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Why it is not confirmed."
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "domain"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_since__isnull=False)
                & Q(checked_at__isnull=False)
                & ~Q(method="")
                | ~Q(state="confirmed") & Q(confirmed_since__isnull=True, method=""),
                name="domain_confirmed_since_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.domain
