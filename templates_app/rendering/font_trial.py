"""Draw every glyph of a font once, so that what goes wrong goes wrong here, in the sandbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uharfbuzz as hb

from templates_app.rendering.font_checks import BadFont
from templates_app.rendering.fonts import Face
from templates_app.rendering.png import rasterise
from templates_app.rendering.setting import Placed
from templates_app.rendering.sheet import page
from templates_app.rendering.text import Glyph, Line, Run

_MOST_POINTS = 3_000_000
_SLACK = 50  # thousandths of an em: how far a point may leave its glyph's box
_FARTHEST = 16_000
_SIDE = 200.0  # millimetres
_A_LINE, _SIZE = 100, 4
_PIXELS = 400


@dataclass
class _Reach:
    """Where a glyph's outline goes, and how many points there have been in all."""

    total: int = 0
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def point(self, x: float, y: float) -> None:
        self.xs.append(x)
        self.ys.append(y)

    def quadratic(self, a: float, b: float, x: float, y: float) -> None:
        """Add the middle of a curve and its end."""
        self.point((self.xs[-1] + 2 * a + x) / 4, (self.ys[-1] + 2 * b + y) / 4)
        self.point(x, y)

    def cubic(self, *places: float) -> None:
        """Add the middle of a curve and its end."""
        a, b, c, d, x, y = places
        self.point((self.xs[-1] + 3 * a + 3 * c + x) / 8, (self.ys[-1] + 3 * b + 3 * d + y) / 8)
        self.point(x, y)


def try_outlines(font: bytes) -> None:
    """Refuse a font whose glyphs leave their boxes: by those, words are fitted into theirs.

    PDFium then draws all glyphs: a font that brings it down brings down this process alone.
    """
    face = Face("trial", 400, italic=False, path=Path("trial"), scripts=frozenset(), own=font)
    reach, pen = _Reach(), _pen()
    for gid in range(face.hb_face.glyph_count):
        reach.xs, reach.ys = [], []
        face.hb_font.draw_glyph(gid, pen, reach)
        reach.total += len(reach.xs)
        if reach.total > _MOST_POINTS:
            raise BadFont("The font’s outlines are too intricate.")
        if reach.xs and not _is_inside(face, gid, reach):
            raise BadFont(f"The font lies: glyph {gid} draws outside the box it states.")
    rasterise(page(b"", list(_lines(face)), size=(_SIDE, _SIDE)), _PIXELS)


def _is_inside(face: Face, gid: int, reach: _Reach) -> bool:
    box = face.box(gid) or (0.0, 0.0, 0.0, 0.0)
    unit = 1000 / face.hb_face.upem
    outer = (min(reach.xs), min(reach.ys), -max(reach.xs), -max(reach.ys))
    stated = (box[0], box[1], -box[2], -box[3])
    return all(
        ink * unit > max(side - _SLACK, -_FARTHEST) for ink, side in zip(outer, stated, strict=True)
    )


def _lines(face: Face) -> Iterator[Placed]:
    """Yield all glyphs, many on a line, one line on another: nobody looks at them."""
    gids = range(face.hb_face.glyph_count)
    for start in range(0, len(gids), _A_LINE):
        glyphs = tuple(
            Glyph(gid, 0, advance=1000, dx=0, dy=0) for gid in gids[start : start + _A_LINE]
        )
        line = Line("", (Run(face, "", glyphs, is_rtl=False),))
        yield Placed(line, 5, _SIDE / 2, _SIZE, "#000000")


def _pen() -> Any:
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, reach: reach.point(x, y))
    pen.set_line_to_func(lambda x, y, reach: reach.point(x, y))
    pen.set_quadratic_to_func(lambda a, b, x, y, reach: reach.quadratic(a, b, x, y))
    pen.set_cubic_to_func(lambda a, b, c, d, x, y, reach: reach.cubic(a, b, c, d, x, y))
    pen.set_close_path_func(lambda _: None)
    return pen
