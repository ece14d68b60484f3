"""The outlines of shaped lines, for formats that carry no fonts."""

from functools import lru_cache
from typing import Any

import uharfbuzz as hb

from templates_app.rendering.canvas import POINTS
from templates_app.rendering.fonts import Face
from templates_app.rendering.setting import Placed

Part = tuple[str, tuple[float, ...]]


def svg_path(placed: Placed) -> str:
    """Return a line's outlines as SVG path data, in millimetres from the upper left corner."""
    data = []
    pen, em = placed.x, placed.size / POINTS / 1000
    for run in placed.line.runs:
        unit = placed.size / POINTS / run.face.hb_face.upem
        for glyph in run.glyphs:
            x, y = pen + glyph.dx * em, placed.baseline - glyph.dy * em
            for letter, points in outline(run.face, glyph.gid):
                places = (
                    f"{x + points[at] * unit:.2f} {y - points[at + 1] * unit:.2f}"
                    for at in range(0, len(points), 2)
                )
                data.append(letter + " ".join(places))
            pen += glyph.advance * em
    return "".join(data)


@lru_cache(maxsize=1024)
def outline(face: Face, gid: int) -> tuple[Part, ...]:
    """Return a glyph as SVG path letters and their points, in the face's units, y upwards."""
    parts: list[Part] = []
    face.hb_font.draw_glyph(gid, _PEN, parts)
    return tuple(parts)


def _pen() -> Any:
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, parts: parts.append(("M", (x, y))))
    pen.set_line_to_func(lambda x, y, parts: parts.append(("L", (x, y))))
    pen.set_quadratic_to_func(lambda a, b, x, y, parts: parts.append(("Q", (a, b, x, y))))
    pen.set_cubic_to_func(lambda a, b, c, d, x, y, parts: parts.append(("C", (a, b, c, d, x, y))))
    pen.set_close_path_func(lambda parts: parts.append(("Z", ())))
    return pen


_PEN = _pen()
