"""Tenants, their members and their API keys."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

from tenants.roles import Role
from tenants.scoping import TenantOwned

_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def short_id() -> str:
    """Return an opaque id of ten symbols (50 bits): fit for a metric label, tells nothing."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(10))


class User(AbstractUser):
    """Somebody who signs in to the admin."""

    is_demo = models.BooleanField(
        default=False, editable=False, help_text="Made by the demo; production refuses it."
    )


class Tenant(models.Model):
    """An organisation that issues certificates."""

    class Direction(models.TextChoices):
        LTR = "ltr", "left to right"
        RTL = "rtl", "right to left"

    id = models.CharField(primary_key=True, max_length=10, default=short_id, editable=False)
    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "Use a-z, 0-9 and hyphens.")
        ],
        help_text="Part of every signed document, so it can never change.",
    )
    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)
    email = models.EmailField(blank=True, help_text="Where a reader of a certificate may write.")
    language = models.CharField(max_length=35, default="en", help_text="BCP 47.")
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.LTR)
    time_zone = models.CharField(max_length=64, default="UTC")
    colours = models.JSONField(default=dict, blank=True, help_text="primary, ink, accent, paper")
    is_sample = models.BooleanField(
        default=False, help_text="Its certificates are not real awards."
    )
    names_private = models.BooleanField(
        "name in private verdicts",
        default=False,
        db_default=False,
        help_text="Whoever checks a certificate that its holder shares with nobody is told the "
        "name too. Off: only that it was issued, for what and when.",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]
        verbose_name = "organisation"

    def __str__(self) -> str:
        return self.name


class Membership(TenantOwned):
    """One person's role in one tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "member"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class ApiKey(TenantOwned):
    """A platform's key. Only a hash of the secret is kept."""

    key_id = models.CharField(max_length=16, unique=True, editable=False)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=100)
    is_demo = models.BooleanField(
        default=False, editable=False, help_text="Made by the demo; production refuses it."
    )
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"

    def is_valid(self, *, now: datetime) -> bool:
        """Say whether the key may be used at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
