"""The badge as SVG: the shapes and words of the PNG, sharp at any size, without fonts."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape

from templates_app.rendering import outlines
from templates_app.rendering.badge import MARK, MARK_SHARE, PAGE, Badge, fitted, shape, words
from templates_app.rendering.canvas import Canvas, Point
from templates_app.rendering.fonts import FontSet, font_set

_KEPT = 64
_MARK_PIXELS = 256


def draw_badge_svg(
    *,
    title: str,
    colours: Mapping[str, str],
    mark: bytes | None,
    language: str = "en",
    fonts: FontSet | None = None,
) -> str:
    """Return the badge as SVG; raises CannotDraw as certificates do."""
    badge = Badge(title, tuple(sorted(colours.items())), mark, language)
    return _draw(badge, fonts or font_set())


@lru_cache(maxsize=_KEPT)
def _draw(badge: Badge, fonts: FontSet) -> str:
    canvas = SvgCanvas(PAGE)
    shape(canvas, badge.theme, has_mark=badge.mark is not None)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE:g} {PAGE:g}" width="600"'
        f' height="600" role="img"><title>{escape(badge.title)}</title>'
    )
    parts = [
        head,
        *canvas.elements,
        *(
            f'<path fill="{placed.colour}" d="{outlines.svg_path(placed)}"/>'
            for placed in words(badge, fonts)
        ),
    ]
    if badge.mark is not None:
        side = MARK.w * MARK_SHARE
        output = io.BytesIO()
        fitted(badge.mark, _MARK_PIXELS).save(output, "PNG")
        parts.append(
            f'<image x="{MARK.x + (MARK.w - side) / 2:.2f}" y="{MARK.y + (MARK.h - side) / 2:.2f}"'
            f' width="{side:.2f}" height="{side:.2f}"'
            f' href="data:image/png;base64,{base64.b64encode(output.getvalue()).decode()}"/>'
        )
    return "".join([*parts, "</svg>"])


class SvgCanvas(Canvas):
    """A canvas whose strokes of the pen become elements of SVG 2."""

    def __init__(self, page_height: float) -> None:
        super().__init__(page_height)
        self.elements: list[str] = []
        self._path: list[str] = []
        self._fill, self._stroke = "none", ""
        self._clips = 0

    def fill(self, colour: str) -> None:
        """Set the colour of areas."""
        self._fill = colour

    def stroke(self, colour: str, width: float) -> None:
        """Set the colour and the width of lines."""
        self._stroke = (
            f' stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round"'
            ' stroke-linejoin="round"'
        )

    def rectangle(self, x: float, y: float, w: float, h: float) -> None:
        """Add a rectangle to the path."""
        self._path.append(f"M{x:.2f} {y:.2f}h{w:.2f}v{h:.2f}h{-w:.2f}z")

    def polygon(self, points: Iterable[Point]) -> None:
        """Add a closed straight-sided outline to the path."""
        places = " ".join(f"{x:.2f} {y:.2f}" for x, y in points)
        self._path.append(f"M{places}z")

    def curve(self, points: Sequence[Point], tangents: Sequence[Point], *, closed: bool) -> None:
        """Add a smooth line through points, given the way it runs at each (Hermite to Bézier)."""
        # Steps from point to point, in hundredths: half the bytes of absolute places.
        x, y = (round(each * 100) for each in points[0])
        self._path.append(f"M{x / 100:g} {y / 100:g}c")
        steps: list[str] = []
        for (x0, y0), (dx0, dy0), (x1, y1), (dx1, dy1) in zip(
            points, tangents, points[1:], tangents[1:], strict=False
        ):
            controls = ((x0 + dx0 / 3, y0 + dy0 / 3), (x1 - dx1 / 3, y1 - dy1 / 3), (x1, y1))
            places = [(round(a * 100), round(b * 100)) for a, b in controls]
            steps.extend(_short(a - x) + _short(b - y) for a, b in places)
            x, y = places[-1]
        self._path.append("".join(steps).lstrip())
        if closed:
            self._path.append("z")

    def paint(self, operator: str) -> None:
        """Finish the path: f fills, S strokes, B does both, f* and B* leave holes."""
        fill = self._fill if operator[0] in "fB" else "none"
        stroke = self._stroke if operator[0] in "SB" else ""
        rule = ' fill-rule="evenodd"' if operator.endswith("*") else ""
        self.elements.append(f'<path fill="{fill}"{rule}{stroke} d="{self._taken()}"/>')

    def clip(self) -> None:
        """Let the path bound what is painted until `restore`."""
        self._clips += 1
        name = f"clip{self._clips}"
        self.elements[-1] = (
            f'<clipPath id="{name}"><path d="{self._taken()}"/></clipPath>'
            f'<g clip-path="url(#{name})">'
        )

    def save(self) -> None:
        """Open a group, which a clip will bound."""
        self.elements.append("<g>")

    def restore(self) -> None:
        """Close the group."""
        self.elements.append("</g>")

    def _taken(self) -> str:
        data, self._path = "".join(self._path), []
        return data


def _short(hundredths: int) -> str:
    """Return a number as short as SVG reads it, what parts it from the one before included."""
    sign, (whole, rest) = "-" if hundredths < 0 else " ", divmod(abs(hundredths), 100)
    fraction = f".{rest:02}".rstrip("0") if rest else ""
    return f"{sign}{whole or ('' if fraction else '0')}{fraction}"
