"""Draw the badge of an achievement: a hexagon with the issuer's mark and a few words."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

from PIL import Image

from templates_app.design import Align, Area, Sit, Text
from templates_app.inks import contrast, mix
from templates_app.rendering import ornament, sheet
from templates_app.rendering.canvas import Canvas, Point
from templates_app.rendering.fonts import FontSet, font_set
from templates_app.rendering.png import rasterise
from templates_app.rendering.setting import Placed, fit
from templates_app.rendering.text import CannotDraw, Piece, Style
from tenants.colours import DEFAULTS

_PIXELS = 600
PAGE = 100.0  # millimetres: the drawing's own measure
_WORDS = Area(15, 41, 70, 33)
MARK = Area(36, 11, 28, 28)
MARK_SHARE = 0.62  # of the disc it lies on
_SIZES = (36.0, 18.0)  # points; the least is still read when the badge is 96 pixels wide
_MOST_WORDS = 4
_KEPT = 64  # a badge is the same for everybody who took the course
_FAMILIES = ("Noto Sans", "Noto Naskh Arabic")


@dataclass(frozen=True)
class Badge:
    """What a badge shows; certificates of one course share it."""

    title: str
    colours: tuple[tuple[str, str], ...]
    mark: bytes | None
    language: str = "en"

    @property
    def theme(self) -> dict[str, str]:
        """The colours, the house's own where the issuer has picked none."""
        return DEFAULTS | dict(self.colours)


def draw_badge(
    *,
    title: str,
    colours: Mapping[str, str],
    mark: bytes | None,
    language: str = "en",
    fonts: FontSet | None = None,
) -> bytes:
    """Return the badge as PNG, 600 pixels square; raises CannotDraw as certificates do."""
    badge = Badge(title, tuple(sorted(colours.items())), mark, language)
    return _draw(badge, fonts or font_set())


@lru_cache(maxsize=_KEPT)
def _draw(badge: Badge, fonts: FontSet) -> bytes:
    canvas = Canvas(PAGE)
    shape(canvas, badge.theme, has_mark=badge.mark is not None)
    pdf = sheet.page(canvas.bytes(), words(badge, fonts), size=(PAGE, PAGE))
    image = rasterise(pdf, _PIXELS).crop((0, 0, _PIXELS, _PIXELS))
    if badge.mark is not None:
        _add_mark(image, badge.mark)
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=9)
    return output.getvalue()


def words(badge: Badge, fonts: FontSet) -> list[Placed]:
    """Set the title's leading part; where that is too much, its first words."""
    theme = badge.theme
    lettering = max(("paper", "ink"), key=lambda name: contrast(theme[name], theme["primary"]))
    short = re.split(r" [–—] |: ", badge.title, maxsplit=1)[0].strip()
    words = short.split()[:_MOST_WORDS]
    while len(words) > 1 and (len(words[-1]) <= 3 and not words[-1][:1].isupper()):  # noqa: PLR2004
        words.pop()  # “Introduction to” ends better before the little word
    error = CannotDraw("the badge has no words")
    for text in (short, " ".join(words)):
        box = Text(
            area=_WORDS,
            words={"": text},
            font="",
            size=_SIZES[0],
            min_size=_SIZES[1],
            colour="",
            align=Align.CENTRE,
            sit=Sit.MIDDLE,
            lines=3,
        )
        style = Style(families=_FAMILIES, weight=700, language=badge.language)
        pieces = [Piece(text, is_value=True)]
        try:
            return fit(pieces, box, style=style, fonts=fonts, colour=theme[lettering])
        except CannotDraw as refused:
            error = refused
    raise error


def shape(canvas: Canvas, theme: Mapping[str, str], *, has_mark: bool) -> None:
    """Draw everything but the words and the mark, on a page 100 millimetres square."""

    def tint(name: str, ground: str) -> ornament.Tint:
        return lambda share: mix(theme[name], theme[ground], share)

    canvas.fill(theme["primary"])
    _hexagon(canvas, 48.5)
    canvas.paint("f")
    canvas.save()
    _hexagon(canvas, 44)
    canvas.clip()
    ornament.rosette(
        canvas, Area(-6, -27, 112, 112), tint("paper", "primary"), tint("accent", "primary")
    )
    canvas.restore()
    canvas.stroke(theme["accent"], 1.1)
    _hexagon(canvas, 44.8)
    canvas.paint("S")
    if has_mark:
        canvas.fill(theme["paper"])
        canvas.stroke(theme["accent"], 0.9)
        canvas.circle(PAGE / 2, MARK.y + MARK.h / 2, MARK.w / 2)
        canvas.paint("B")


def _hexagon(canvas: Canvas, reach: float) -> None:
    """Add a hexagon standing on a corner, its corners rounded by short cuts."""
    corners = [
        (PAGE / 2 + reach * sin(pi / 3 * turn), PAGE / 2 - reach * cos(pi / 3 * turn))
        for turn in range(6)
    ]
    outline: list[Point] = []
    for index, corner in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % 6]
        outline.extend(_round(before, corner, after, step / 8) for step in range(9))
    canvas.polygon(outline)


def _round(before: Point, corner: Point, after: Point, share: float) -> Point:
    """Return a point of the quadratic curve that replaces a corner."""
    cut = 0.16
    start = tuple(c + (b - c) * cut for b, c in zip(before, corner, strict=True))
    end = tuple(c + (a - c) * cut for a, c in zip(after, corner, strict=True))
    x, y = (
        (1 - share) ** 2 * s + 2 * (1 - share) * share * c + share**2 * e
        for s, c, e in zip(start, corner, end, strict=True)
    )
    return x, y


def _add_mark(image: Image.Image, mark: bytes) -> None:
    unit = _PIXELS / PAGE
    picture = fitted(mark, round(MARK.w * unit * MARK_SHARE))
    middle = (_PIXELS // 2, round((MARK.y + MARK.h / 2) * unit))
    image.alpha_composite(
        picture, (middle[0] - picture.width // 2, middle[1] - picture.height // 2)
    )


def fitted(mark: bytes, side: int) -> Image.Image:
    """Return an issuer's mark with its longer side as many pixels long."""
    with Image.open(io.BytesIO(mark), formats=["PNG", "JPEG"]) as opened:
        picture = opened.convert("RGBA")
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)
