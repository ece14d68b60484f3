"""What operators watch: how long the oldest due message waits, and how many were given up."""

from datetime import datetime

from outbox.lanes import lanes
from outbox.models import OutboxMessage


def lag_seconds(*, now: datetime) -> float:
    """Return the age of the oldest due message, 0 when none waits.

    Age counts from when the message became due: one that was published for next week, or that
    backs off, is not late.
    """
    due = [lane.first_at for lane in lanes() if lane.is_due(now=now)]
    return max((now - min(due)).total_seconds(), 0.0) if due else 0.0


def dead_letters(*, now: datetime) -> float:  # noqa: ARG001 - every gauge is asked alike
    """Return how many messages were given up and wait for an operator."""
    return float(OutboxMessage.objects.dead().count())
