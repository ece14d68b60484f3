"""When the clock last ran: a stopped clock rotates no key and sends nothing again."""

import math
from datetime import datetime

from observability.models import Heartbeat

BEAT = "beat"


def mark(*, now: datetime) -> None:
    """Note that the clock runs."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"beat_at": now})


def last_run(*, now: datetime) -> float:  # noqa: ARG001 - every gauge is asked alike
    """Return the Unix time of the clock's last run, NaN before the first."""
    beat = Heartbeat.objects.filter(name=BEAT).first()
    return beat.beat_at.timestamp() if beat else math.nan
