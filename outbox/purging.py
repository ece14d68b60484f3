"""Forget messages whose task succeeded long ago; dead letters stay for the operator."""

from datetime import datetime

from outbox import policy
from outbox.models import OutboxMessage

_BATCH = 5_000


def purge(*, now: datetime) -> int:
    """Delete old messages in batches, so that no statement holds the table for long."""
    total = 0
    old = OutboxMessage.objects.filter(done_at__lt=now - policy.KEPT).order_by("done_at")
    while ids := list(old.values_list("pk", flat=True)[:_BATCH]):
        total += OutboxMessage.objects.filter(pk__in=ids).delete()[0]
    return total
