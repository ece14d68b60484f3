"""Messages that must be acted on after the transaction that wrote them."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """Messages by where they stand."""

    def pending(self) -> Self:
        """Return messages whose task has neither succeeded nor been given up."""
        return self.filter(done_at__isnull=True, dead_at__isnull=True)

    def dead(self) -> Self:
        """Return messages that were given up after too many attempts."""
        return self.filter(dead_at__isnull=False)


class OutboxMessage(models.Model):
    """One task to run, by name. The payload holds ids only.

    `available_at` is the one clock of a pending message: whoever takes it moves it forward, so
    that a message whose holder died comes back by itself.
    """

    task = models.CharField(max_length=100)
    payload = models.JSONField()
    dedupe_key = models.CharField(max_length=200, unique=True)
    tenant_id = models.CharField(max_length=10, blank=True, help_text="For fair order.")
    weight = models.PositiveIntegerField(
        default=1, db_default=1, help_text="About how many milliseconds its task takes."
    )
    headers = models.JSONField(default=dict, help_text="Trace context and request id.")
    created_at = models.DateTimeField()
    available_at = models.DateTimeField(help_text="Not to be taken before.")
    dispatched_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last handed to a worker."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    objects: ClassVar[Any] = OutboxQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            # The relay's claim and the lag gauge read the oldest pending message of each lane.
            models.Index(
                fields=["tenant_id", "task", "available_at", "id"],
                condition=Q(done_at__isnull=True, dead_at__isnull=True),
                name="outbox_pending",
            ),
            # The purge. Partial, or SQLite's planner would walk it for "not done" instead.
            models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="outbox_done"
            ),
            # Dead letters: the gauge and the operators' list.
            models.Index(
                fields=["dead_at"], condition=Q(dead_at__isnull=False), name="outbox_dead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"


class ScheduledRun(models.Model):
    """When the clock last sent a task that runs again and again."""

    task = models.CharField(max_length=100, unique=True)
    last_run_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.task
