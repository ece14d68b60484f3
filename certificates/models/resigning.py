"""How far the certificates of a stolen key are signed again, tenant by tenant."""

from typing import Any, ClassVar

from django.db import models

from tenants.scoping import TenantOwned


class Resigning(TenantOwned):
    """What one tenant had signed under one stolen key. Numbers of certificates, nothing else."""

    kid = models.CharField(max_length=43, help_text="RFC 7638 thumbprint of the stolen key.")
    since = models.DateTimeField(help_text="When it was stolen.")
    total = models.PositiveIntegerField(help_text="Recorded before the theft: they stay good.")
    done = models.PositiveIntegerField(default=0, help_text="Signed again, under another key.")
    refused = models.PositiveIntegerField(
        default=0, help_text="Not signed again: what is stored is not what the key signed."
    )
    late = models.PositiveIntegerField(help_text="Recorded after the theft: invalid.")
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "stolen key"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "kid"], name="resigning_once_per_tenant_and_key"
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def remaining(self) -> int:
        """How many certificates wait to be signed again."""
        return max(self.total - self.done - self.refused, 0)

    @property
    def per_second(self) -> float:
        """Certificates signed again a second, so far; 0 before the first."""
        seconds = (self.updated_at - self.started_at).total_seconds()
        return self.done / max(seconds, 1.0)
