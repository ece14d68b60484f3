"""Figures as the screen draws them: columns from a zero line, rows that are bar and table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Column:
    """One part of the time, placed on a ground of 100 x 100 with its zero at the foot."""

    label: str
    value: int
    x: float
    width: float
    height: float

    @property
    def y(self) -> float:
        """Where the column begins from above."""
        return round(100 - self.height, 2)


@dataclass(frozen=True)
class Row:
    """A name, its count, how long its bar is of 100, and its share of all in per cent."""

    label: str
    value: int
    length: float
    share: str
    url: str = ""


_FORMATS: dict[str, Callable[[datetime], str]] = {
    "hour": lambda start: f"{start.day} {start:%b %H}:00",
    "day": lambda start: f"{start:%a} {start.day} {start:%b}",
    "month": lambda start: f"{start:%b %Y}",
}


def columns(series: Sequence[tuple[datetime, int]], *, unit: str) -> list[Column]:
    """Return a column for each part of the time; the tallest fills the height."""
    top = max((value for _, value in series), default=0) or 1
    step = 100 / max(len(series), 1)
    return [
        Column(
            label=_FORMATS[unit](start),
            value=value,
            x=round((place + 0.1) * step, 2),
            width=round(0.8 * step, 2),
            height=round(100 * value / top, 2),
        )
        for place, (start, value) in enumerate(series)
    ]


def table(counts: Sequence[tuple[str, int, str]], *, total: int) -> list[Row]:
    """Return a row for each name, count and address; the longest bar fills the width."""
    longest = max((value for _, value, _ in counts), default=0) or 1
    return [
        Row(
            label=label,
            value=value,
            length=round(100 * value / longest, 2),
            share=_per_cent(value, total),
            url=url,
        )
        for label, value, url in counts
    ]


def _per_cent(value: int, total: int) -> str:
    share = 100 * value / (total or 1)
    return "under 1 %" if 0 < share < 1 else f"{share:.0f} %"
