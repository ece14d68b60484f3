"""The spans of time that figures are shown for, each in so many equal parts, in UTC."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = 12


@dataclass(frozen=True)
class Period:
    """A span up to now. `unit` is hour, day or month; `starts` gives the beginning of each part."""

    key: str
    label: str
    unit: str
    starts: Callable[[datetime], list[datetime]]


def _hours(now: datetime) -> list[datetime]:
    hour = now.replace(minute=0, second=0, microsecond=0)
    return [hour - timedelta(hours=number) for number in reversed(range(24))]


def _days(number: int) -> Callable[[datetime], list[datetime]]:
    def starts(now: datetime) -> list[datetime]:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return [day - timedelta(days=days) for days in reversed(range(number))]

    return starts


def _months(now: datetime) -> list[datetime]:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = [first.year * _MONTHS + first.month - 1 - back for back in reversed(range(_MONTHS))]
    return [first.replace(year=one // _MONTHS, month=one % _MONTHS + 1) for one in counted]


PERIODS = {
    period.key: period
    for period in (
        Period("24h", "24 hours", "hour", _hours),
        Period("7d", "7 days", "day", _days(7)),
        Period("30d", "30 days", "day", _days(30)),
        Period("12m", "12 months", "month", _months),
    )
}
USUAL = PERIODS["7d"]
