"""Show what a tenant's font looks like: its letters, then a name in each script it draws."""

from functools import lru_cache

from templates_app.design import Font
from templates_app.rendering import exemplars
from templates_app.rendering.canvas import POINTS, Canvas
from templates_app.rendering.choice import CannotDraw, Style
from templates_app.rendering.fonts import fonts_for
from templates_app.rendering.png import render_png
from templates_app.rendering.setting import Placed
from templates_app.rendering.sheet import page
from templates_app.rendering.text import Piece, paragraph

_WIDE, _LINE, _EDGE = 160.0, 14.0, 5.0  # millimetres
_SIZE, _INK = 22.0, "#16202b"
_MOST_LINES = 6
_PIXELS = 800


@lru_cache(maxsize=64)
def specimen_png(font: Font) -> bytes:
    """Return a PNG with up to six lines in the font, each as large as the page is wide."""
    scripts = sorted(font.scripts, key=lambda code: code != "Latn")[:_MOST_LINES]
    lines: list[Placed] = []
    for code in scripts:
        baseline = _EDGE + _LINE * (len(lines) + 0.7)
        lines += _line(exemplars.WORDS[code][-1], font, baseline)
    size = (_WIDE, 2 * _EDGE + _LINE * max(1, len(lines)))
    paper = Canvas(size[1])  # bare letters would have nothing to blend with
    paper.fill("#ffffff")
    paper.rectangle(0, 0, *size)
    paper.paint("f")
    return render_png(pdf=page(paper.bytes(), lines, size=size), width=_PIXELS)


def _line(words: str, font: Font, baseline: float) -> list[Placed]:
    style = Style(families=(font.family,), weight=font.weight, italic=font.italic)
    try:
        line = paragraph([Piece(words)], style, fonts_for((font,))).line()
    except CannotDraw:
        return []
    room = (_WIDE - 2 * _EDGE) * POINTS * 1000
    return [Placed(line, _EDGE, baseline, min(_SIZE, room / max(line.width, 1)), _INK)]
