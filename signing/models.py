"""Signing keys, their states and the addresses they were published under."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from tenants.models import Tenant


class SigningKey(models.Model):
    """One key pair. The public part stays for ever; the private part is sealed."""

    class Purpose(models.TextChoices):
        CREDENTIAL_JWS = "credential-jws", "credentials as JWS"
        CREDENTIAL_DI = "credential-di", "credentials with Data Integrity proofs"
        PDF = "pdf", "PDF signatures"
        SERVICE = "service", "the service's own records"

    class State(models.TextChoices):
        NEXT = "next", "published, not yet signing"
        ACTIVE = "active", "signing"
        VERIFY_ONLY = "verify-only", "no longer signing, still verifying"
        DESTROYED = "destroyed", "private part destroyed, still verifying"
        COMPROMISED = "compromised", "compromised, published no more"

    class Custody(models.TextChoices):
        VAULT = "vault", "sealed in this row"
        PKCS11 = "pkcs11", "inside a PKCS #11 token"

    class Trigger(models.TextChoices):
        SCHEDULED = "scheduled"
        MANUAL = "manual"
        COMPROMISE = "compromise"

    tenant = models.ForeignKey(
        Tenant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: a key of the platform, used for every tenant without keys of its own.",
    )
    thumbprint = models.CharField(max_length=43, unique=True, help_text="RFC 7638, SHA-256.")
    algorithm = models.CharField(max_length=16)
    purpose = models.CharField(max_length=16, choices=Purpose)
    state = models.CharField(max_length=16, choices=State)
    custody = models.CharField(
        max_length=8,
        choices=Custody,
        default=Custody.VAULT,
        db_default=Custody.VAULT,
        help_text="Where the private part is kept.",
    )
    trigger = models.CharField(
        max_length=12,
        choices=Trigger,
        default=Trigger.SCHEDULED,
        db_default=Trigger.SCHEDULED,
        help_text="Why the key was made.",
    )
    public_jwk = models.JSONField()
    sealed_private = models.BinaryField(null=True, editable=False)
    published_at = models.DateTimeField()
    activates_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    deactivates_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "purpose"],
                condition=Q(state="next", tenant__isnull=False),
                name="signing_key_one_next_per_tenant_and_purpose",
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(state="next", tenant__isnull=True),
                name="signing_key_one_next_per_platform_purpose",
            ),
            models.UniqueConstraint(
                fields=["tenant", "purpose"],
                condition=Q(state="active", tenant__isnull=False),
                name="signing_key_one_active_per_tenant_and_purpose",
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(state="active", tenant__isnull=True),
                name="signing_key_one_active_per_platform_purpose",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["next", "active"])
                | Q(sealed_private__isnull=False)
                | Q(custody="pkcs11"),
                name="signing_key_usable_has_private_part",
            ),
            models.CheckConstraint(
                condition=~Q(state="destroyed") | Q(sealed_private__isnull=True),
                name="signing_key_destroyed_has_no_private_part",
            ),
            models.CheckConstraint(
                condition=~Q(state="compromised") | Q(compromised_at__isnull=False),
                name="signing_key_compromised_since_a_known_time",
            ),
        ]

    def __str__(self) -> str:
        return self.thumbprint

    @property
    def bound_to(self) -> bytes:
        """What the sealed private part is bound to: owner, kid and purpose of this row."""
        return f"{self.tenant_id or 'platform'}|{self.thumbprint}|{self.purpose}".encode()


class KeyAddress(models.Model):
    """An absolute address a key is known by: the `kid` of JOSE headers and JWKs.

    A key keeps every address it ever had, so a changed origin invalidates nothing.
    """

    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="addresses")
    url = models.CharField(max_length=500, unique=True)
    first_used_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "key addresses"
        ordering: ClassVar[list[str]] = ["first_used_at", "pk"]

    def __str__(self) -> str:
        return self.url
