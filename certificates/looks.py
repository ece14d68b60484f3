"""How often people looked at a certificate: counted by the room above, asked for by this one.

Counts only. Nobody who holds a certificate learns who looked, nor from where.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Looks:
    """Verifications of one certificate, in all and in the last 30 days.

    Crawlers, link previews and monitors are left out, and so is whoever asked not to be tracked.
    """

    total: int = 0
    last_30_days: int = 0


Count = Callable[[UUID, datetime], Looks]

_counts: list[Count] = []


def register(count: Count) -> None:
    """Let the room that counts verifications say how often one was looked at."""
    _counts[:] = [count]


def looks(certificate_id: UUID, *, now: datetime) -> Looks:
    """Return how often a certificate was looked at; nothing where nobody counts."""
    return _counts[0](certificate_id, now) if _counts else Looks()
