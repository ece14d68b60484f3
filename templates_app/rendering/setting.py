"""Fit words into a box: break into lines, shrink, and stand them where the design says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise

from templates_app.design import Align, Sit, Text
from templates_app.rendering.breaking import anywhere, opportunities
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.choice import CannotDraw, Style
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.text import Line, Piece, paragraph

_LEADING = 1.2
_CAP_HEIGHT = 0.68
_DESCENT = 0.29  # room for a dot below a letter, so that its line stands where others do
# One line down to this share of the wished size is better than two lines.
_WORTH_A_BREAK = 0.74
_MOST_BREAKS = 12
_BETTER = 1.04  # less is not worth lines of uneven length
_KEPT = 512
_CLEAR = 80  # thousandths of the size: what stays white between the ink of two lines


class DoesNotFit(CannotDraw):
    """Text that would be smaller than the design allows."""


@dataclass(frozen=True)
class Placed:
    """A line where it stands: millimetres from the upper left corner, size in points."""

    line: Line
    x: float
    baseline: float
    size: float
    colour: str


def fit(
    pieces: Sequence[Piece], box: Text, *, style: Style, fonts: FontSet, colour: str
) -> list[Placed]:
    """Return the box's lines at the largest size that fits; raise CannotDraw below the least."""
    # Its words by language are no part of where they stand, and a mapping cannot be looked up by.
    nameless = replace(box, words=())  # type: ignore[arg-type]
    return list(_fit(tuple(pieces), nameless, style, fonts, colour))


@lru_cache(maxsize=_KEPT)
def _fit(
    pieces: tuple[Piece, ...], box: Text, style: Style, fonts: FontSet, colour: str
) -> tuple[Placed, ...]:
    """Most words of a certificate stand on the next one too: what was set once is kept."""
    whole = paragraph(pieces, style, fonts)
    lines, size = _largest([whole.line()], box)
    # An address is easier to type from two lines than from one in small print.
    enough = box.size * (1 if "://" in whole.text else _WORTH_A_BREAK)
    for places, wished in (
        (opportunities(whole.text), enough),
        (anywhere(whole.text), box.min_size),  # inside a word only rather than not at all
    ):
        for count in range(2, box.lines + 1):
            if size >= wished:
                break
            for way in _breaks(whole.text, places, count):
                broken, larger = _largest([whole.line(start, end) for start, end in way], box)
                if larger > size * _BETTER:
                    lines, size = broken, larger
    if size < box.min_size:
        raise DoesNotFit("the text is too long for its place in the design")
    return tuple(_stand(lines, size, box, colour))


def _leading(lines: Sequence[Line]) -> float:
    """Return the distance of baselines in thousandths of the size: more where marks stack high."""
    pairs = (lower.ink[3] - upper.ink[1] + _CLEAR for upper, lower in pairwise(lines))
    return max(_LEADING * 1000, *pairs, 0)


def _largest(lines: list[Line], box: Text) -> tuple[list[Line], float]:
    """Return the size at which the ink of all lines lies inside the box."""
    widest = max(max(line.width, line.ink[2] - min(line.ink[0], 0)) for line in lines)
    height = (len(lines) - 1) * _leading(lines) + max(
        lines[0].ink[3] - lines[-1].ink[1], _CAP_HEIGHT * 1000
    )
    limits = [box.size, box.area.h * POINTS * 1000 / height]
    if widest > 0:
        limits.append(box.area.w * POINTS * 1000 / widest)
    return lines, min(limits)


def _stand(lines: list[Line], size: float, box: Text, colour: str) -> list[Placed]:
    unit = size / POINTS  # one em in millimetres
    area, leading = box.area, unit * _leading(lines) / 1000
    block = (len(lines) - 1) * leading
    first = {
        Sit.TOP: area.y + unit * 0.78,
        Sit.MIDDLE: area.y + (area.h - block + unit * _CAP_HEIGHT) / 2,
        Sit.BOTTOM: area.y + area.h - unit * _DESCENT - block,
    }[box.sit]
    # The baseline is the same for every name, unless ink would leave the box.
    top, bottom = lines[0].ink[3] * unit / 1000, lines[-1].ink[1] * unit / 1000
    first = min(first, area.y + area.h + bottom - block)
    first = max(first, area.y + top)
    placed = []
    for index, line in enumerate(lines):
        left, right = line.ink[0] * unit / 1000, line.ink[2] * unit / 1000
        # Aligned by ink, not by advance: side bearings would push large letters off the axis.
        x = {
            "left": area.x - left,
            "centre": area.x + (area.w - left - right) / 2,
            "right": area.x + area.w - right,
        }[_side(box)]
        placed.append(
            Placed(line=line, x=x, baseline=first + index * leading, size=size, colour=colour)
        )
    return placed


def _side(box: Text) -> str:
    if box.align is Align.CENTRE:
        return "centre"
    return "left" if (box.align is Align.START) == (box.direction == "ltr") else "right"


def _breaks(text: str, places: Sequence[int], count: int) -> list[list[tuple[int, int]]]:
    """Return ways to break a text into `count` lines, those of even length first."""
    if count == 2:  # noqa: PLR2004 - most texts; the middle needs no search
        places = sorted(places, key=lambda at: abs(at - len(text) / 2))[:_MOST_BREAKS]
    ways = [
        list(pairwise((0, *chosen, len(text))))
        for chosen in combinations(sorted(places), count - 1)
    ]
    return sorted(ways, key=lambda way: max(end - start for start, end in way))[:_MOST_BREAKS]
