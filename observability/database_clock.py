"""One clock for all hosts: the database's, so that a host whose own is wrong does no harm.

Background work is timed by it: leases, retries, the schedule, what is issued. A web host's own
clock is still what its answers carry.
"""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

# Between two questions this process counts the seconds itself, and nobody sets that count.
_ASK_AGAIN_SECONDS = 30.0

_answer: tuple[float, datetime] | None = None


def now() -> datetime:
    """Return the time. Raises what a query raises while the database is away.

    SQLite has no clock but its host's, which is the only one there.
    """
    global _answer  # noqa: PLW0603 - one answer a process
    if connection.vendor == "sqlite":
        return timezone.now()  # noqa: TID251 - this is the clock
    seconds = time.monotonic()
    if _answer is None or seconds - _answer[0] > _ASK_AGAIN_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            _answer = (seconds, cursor.fetchone()[0].astimezone(UTC))
    asked, moment = _answer
    return moment + timedelta(seconds=seconds - asked)
