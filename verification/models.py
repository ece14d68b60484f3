"""What was verified, by hour: counts, never visitors."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from certificates.models import Certificate
from tenants.scoping import TenantQuerySet


class HourlyVerifications(models.Model):
    """How often one certificate got one answer within one hour.

    Answers that stand for no certificate are counted together, under no tenant.
    """

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hour = models.DateTimeField()
    result = models.CharField(max_length=10)
    count = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "hourly verifications"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["certificate", "hour", "result"],
                condition=Q(certificate__isnull=False),
                name="verifications_once_per_certificate_and_hour",
            ),
            models.UniqueConstraint(
                fields=["hour", "result"],
                condition=Q(certificate__isnull=True),
                name="verifications_once_per_hour_without_certificate",
            ),
            models.CheckConstraint(
                condition=Q(tenant__isnull=True, certificate__isnull=True)
                | Q(tenant__isnull=False, certificate__isnull=False),
                name="verifications_tenant_with_certificate",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # The tenant's figures of the last days.
            models.Index(fields=["tenant", "-hour"], name="verifications_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}:00 {self.result} {self.count}"
