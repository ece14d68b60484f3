"""Figures of the overview: a number, what it means, and the list that holds its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """One number. `alarm` marks numbers that ask somebody to do something when above zero."""

    label: str
    value: int
    url: str
    note: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Bar:
    """One day of the series, placed on a 100 x 40 ground with its zero at the foot."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where the bar's label is centred."""
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class Panel:
    """A group of figures under one heading, with the series of the last days where there is one."""

    title: str
    figures: Sequence[Figure]
    bars: Sequence[Bar] = ()


def bars(series: Sequence[tuple[date, int]]) -> list[Bar]:
    """Return one bar a day; the tallest fills the height, and nothing is drawn for zero."""
    top = max((value for _, value in series), default=0) or 1
    step = 100 / max(len(series), 1)
    return [
        Bar(
            day=day,
            value=value,
            x=round(place * step + step * 0.15, 2),
            y=round(40 - 40 * value / top, 2),
            width=round(step * 0.7, 2),
            height=round(40 * value / top, 2),
        )
        for place, (day, value) in enumerate(series)
    ]
