"""The append-only audit chain: its records and the head of each tenant's chain."""

from typing import Any, ClassVar

from django.db import models


class AuditHead(models.Model):
    """The last link of one tenant's chain; locked while a link is added."""

    tenant_id = models.CharField(primary_key=True, max_length=10)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.tenant_id or 'platform'} #{self.sequence}"


class AuditRecord(models.Model):
    """One audited event. UPDATE and DELETE are refused by triggers."""

    tenant_id = models.CharField(
        max_length=10, blank=True, help_text="Empty: the platform's chain."
    )
    sequence = models.PositiveBigIntegerField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=100, help_text="A kind and an id, never a name.")
    event = models.CharField(max_length=100)
    payload = models.TextField(help_text="Canonical JSON: ids and keyed hashes only.")
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "sequence"], name="audit_record_one_per_sequence"
            ),
        ]
        ordering: ClassVar[list[str]] = ["tenant_id", "sequence"]

    def __str__(self) -> str:
        return f"{self.event} #{self.sequence}"


class Heartbeat(models.Model):
    """When something that must run regularly last did."""

    name = models.CharField(primary_key=True, max_length=50)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%Y-%m-%d %H:%M:%S}"
