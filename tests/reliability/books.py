"""What a running service's database says: how far its work has come, asked by plain SQL."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2


@dataclass(frozen=True)
class Books:
    """The tables of a service on PostgreSQL."""

    url: str

    def waiting(self, *, reported_before: datetime) -> int:
        """Return how many completions of that time are not yet certificates."""
        return self._number(
            "SELECT count(*) FROM certificates_completion"
            " WHERE state = 'accepted' AND accepted_at < %s",
            reported_before,
        )

    def at_the_broker(self) -> int:
        """Return how many messages were handed to the broker and begun by nobody."""
        return self._number(
            "SELECT count(*) FROM outbox_outboxmessage WHERE dispatched_at IS NOT NULL"
            " AND attempts = 0 AND done_at IS NULL AND dead_at IS NULL"
        )

    def parked(self) -> int:
        """Return how many messages were given up."""
        return self._number("SELECT count(*) FROM outbox_outboxmessage WHERE dead_at IS NOT NULL")

    def _number(self, statement: str, *values: Any) -> int:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            [(number,)] = cursor.fetchall()
            return int(number)
