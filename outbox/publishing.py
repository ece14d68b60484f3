"""Write a message in the caller's transaction; the relay acts on it after the commit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from observability import context, rows
from outbox.models import OutboxMessage

_FIELDS = (
    "task",
    "payload",
    "dedupe_key",
    "tenant_id",
    "weight",
    "headers",
    "created_at",
    "available_at",
    "attempts",
    "last_error",
)
_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class Message:
    """What to run, with what. `payload` holds ids only; `dedupe_key` makes it once.

    `weight`: about how many milliseconds the task takes, for fair shares between tenants.
    """

    task: str
    payload: dict[str, Any]
    dedupe_key: str
    tenant_id: str = ""
    weight: int = 1
    available_at: datetime | None = None


def publish(messages: Sequence[Message], *, now: datetime) -> None:
    """Write messages beside the caller's change; a message already written is left alone.

    The trace and the request of the caller go along, so that the task continues them.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("publish needs the transaction of the change it announces")
    headers, created_at = _compact(context.carry()), rows.timestamp(now)
    rows.insert(
        model=OutboxMessage,
        fields=_FIELDS,
        rows=[
            (
                message.task,
                _compact(message.payload),
                message.dedupe_key,
                message.tenant_id,
                message.weight,
                headers,
                created_at,
                rows.timestamp(message.available_at) if message.available_at else created_at,
                0,
                "",
            )
            for message in messages
        ],
        skip_conflicts=True,
    )
