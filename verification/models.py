"""What was verified, by hour and origin: counts, never visitors."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from certificates.models import Certificate
from tenants.scoping import TenantQuerySet

# Beside whom it is counted for.
ROLLUP_KEY = ("hour", "result", "country", "ua_class")


class Rollup(models.Model):
    """How often one answer was given within one hour, by country and class of program.

    The certificate is null where there is none, and for visitors who asked not to be tracked:
    their tenant counts them, and no row lays their country beside a person's certificate.
    """

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hour = models.DateTimeField()
    result = models.CharField(max_length=10)
    country = models.CharField(max_length=7)
    ua_class = models.CharField(max_length=15)
    count = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "verification figures"
        verbose_name_plural = "verifications"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["certificate", *ROLLUP_KEY],
                condition=Q(certificate__isnull=False),
                name="rollup_once_per_certificate",
            ),
            models.UniqueConstraint(
                fields=["tenant", *ROLLUP_KEY],
                condition=Q(certificate__isnull=True, tenant__isnull=False),
                name="rollup_once_per_tenant",
            ),
            models.UniqueConstraint(
                fields=ROLLUP_KEY, condition=Q(tenant__isnull=True), name="rollup_once_for_nobody"
            ),
            models.CheckConstraint(
                condition=Q(certificate__isnull=True) | Q(tenant__isnull=False),
                name="rollup_certificate_with_tenant",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            # A tenant's figures of a period, and what is old enough to be forgotten.
            models.Index(fields=["tenant", "hour"], name="rollup_by_tenant_and_hour"),
            models.Index(fields=["hour"], name="rollup_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}:00 {self.result} {self.country} {self.count}"


class Recent(models.Model):
    """How often a token was asked for within ten seconds, summed by all processes of all hosts.

    Only of tokens that are asked for often, and for little more than a minute.
    """

    fingerprint = models.CharField(max_length=16)
    bucket = models.DateTimeField()
    country = models.CharField(max_length=7)
    ua_class = models.CharField(max_length=15)
    count = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["fingerprint", "bucket", "country", "ua_class"], name="recent_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["bucket"], name="recent_by_bucket")]

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.bucket:%H:%M:%S} {self.count}"


class Anomaly(models.Model):
    """One token asked for unusually often: from the moment it was noticed until it is quiet.

    `count` is the most within one minute. An open row keeps all processes but one from telling.
    """

    class Kind(models.TextChoices):
        """What was unusual."""

        TOKEN_BURST = "token_burst", "one code, very often"

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    fingerprint = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    count = models.PositiveBigIntegerField()
    top_country = models.CharField(max_length=7)
    top_ua_class = models.CharField(max_length=15)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "anomalies"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["kind", "fingerprint"],
                condition=Q(is_open=True),
                name="anomaly_one_open_per_token",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["tenant", "-started_at"], name="anomaly_by_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.count} within a minute"


class HourlyVerifications(models.Model):
    """What was counted before countries were: code from then writes it while a release goes out.

    `tidying` carries its rows over into Rollup.
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
