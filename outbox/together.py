"""Messages whose task can do what several ask for in one call.

Singly, a completion costs eight times what it costs among twenty: the transaction is most of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from outbox.models import OutboxMessage

# More share little more, and each of their log lines names the requests of all.
MOST = 20

_lists: dict[str, str] = {}


def run_together(task: str, *, joining: str) -> None:
    """Let messages for a task run in one call: all their payloads hold is a list of this name."""
    _lists[task] = joining


def groups(
    messages: Sequence[OutboxMessage], begun: Mapping[int, int]
) -> Iterator[list[OutboxMessage]]:
    """Yield what runs in one call, in order: mostly one message.

    What was tried before goes alone: it may be what brought the others down.
    """

    def kind(message: OutboxMessage) -> str:
        return message.task if message.task in _lists and begun.get(message.pk) == 1 else ""

    for shared, alike in groupby(messages, key=kind):
        found = list(alike)
        size = MOST if shared else 1
        for start in range(0, len(found), size):
            yield found[start : start + size]


def payload(messages: Sequence[OutboxMessage]) -> dict[str, Any]:
    """Return what the task is called with for all of these."""
    if len(messages) == 1:
        found: dict[str, Any] = messages[0].payload
        return found
    name = _lists[messages[0].task]
    return {name: [one for message in messages for one in message.payload[name]]}
