"""Lanes: one tenant's pending messages for one task, so that no bulk job blocks the others."""

from dataclasses import dataclass
from datetime import datetime

from outbox import policy
from outbox.models import OutboxMessage

# Walks the index from the first message of a lane to the first of the next: the cost grows with
# the number of lanes, never with the number of messages.
_HEADS = """
WITH RECURSIVE head(id) AS (
    SELECT id FROM (
        SELECT id FROM outbox_outboxmessage
        WHERE done_at IS NULL AND dead_at IS NULL
        ORDER BY tenant_id, task, available_at, id LIMIT 1
    ) AS first
    UNION ALL
    SELECT COALESCE(
        (
            SELECT next.id FROM outbox_outboxmessage AS next
            WHERE next.done_at IS NULL AND next.dead_at IS NULL
            AND next.tenant_id = this.tenant_id AND next.task > this.task
            ORDER BY next.task, next.available_at, next.id LIMIT 1
        ),
        (
            SELECT next.id FROM outbox_outboxmessage AS next
            WHERE next.done_at IS NULL AND next.dead_at IS NULL
            AND next.tenant_id > this.tenant_id
            ORDER BY next.tenant_id, next.task, next.available_at, next.id LIMIT 1
        )
    )
    FROM head JOIN outbox_outboxmessage AS this ON this.id = head.id
)
SELECT lane.id, lane.tenant_id, lane.task, lane.available_at,
    lane.created_at, lane.dispatched_at, lane.attempts
FROM head JOIN outbox_outboxmessage AS lane ON lane.id = head.id
"""


@dataclass(frozen=True)
class Lane:
    """One tenant's messages for one task, and when the first of them may be taken."""

    tenant_id: str
    task: str
    first_at: datetime
    is_wanted_at_once: bool = False
    was_taken: bool = False

    def is_due(self, *, now: datetime) -> bool:
        """Say whether the first message may be taken.

        A clock that runs ahead, or was set back, dates messages into the future: one that was
        wanted at once is due whatever its date, and one that was taken before never waits for
        longer than the longest wait.
        """
        if self.first_at <= now or self.is_wanted_at_once:
            return True
        return self.was_taken and self.first_at > now + policy.LONGEST_WAIT

    def until(self, *, now: datetime) -> datetime:
        """Return up to which date its messages are taken, when the first is due.

        What is due although its date lies ahead is taken with all of its date.
        """
        return max(now, self.first_at)


def lanes() -> list[Lane]:
    """Return every lane that has pending messages."""
    return [
        Lane(
            message.tenant_id,
            message.task,
            message.available_at,
            is_wanted_at_once=message.available_at == message.created_at,
            was_taken=message.attempts > 0 or message.dispatched_at is not None,
        )
        for message in OutboxMessage.objects.raw(_HEADS)
    ]
