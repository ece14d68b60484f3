"""Send messages again: parked ones, and ones an operator wants repeated."""

from collections.abc import Iterable
from datetime import datetime

from outbox.models import OutboxMessage


def send_again(*, message_ids: Iterable[int], now: datetime) -> int:
    """Make messages due now, with all their attempts before them; return how many.

    Every task may run twice without harm, so a message that was sent before may go again.
    """
    return OutboxMessage.objects.filter(pk__in=message_ids).update(
        available_at=now,
        dispatched_at=None,
        done_at=None,
        dead_at=None,
        attempts=0,
        last_error="",
    )
