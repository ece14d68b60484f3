"""The picture that a shared link shows: the certificate's upper part on its issuer's colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from templates_app.design import Align, Area, Layout, Qr, Sit, Source, Text
from templates_app.inks import contrast, mix
from templates_app.layout import PLACEHOLDER
from templates_app.rendering import plate, sheet
from templates_app.rendering.canvas import Canvas
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.png import Ground, Piece, put_ink
from templates_app.rendering.setting import Placed, fit
from templates_app.rendering.still import layout_of
from templates_app.rendering.text import CannotDraw, Style
from templates_app.rendering.text import Piece as Words
from tenants.colours import DEFAULTS

SIZE = (1200, 630)  # pixels: what Open Graph readers crop least
_UNIT = 4  # pixels a millimetre of the drawing's own measure
_WINDOW = (80, 52, 1120, 538)
_WIDEST_PORTRAIT = 820
_NAME_LOW, _NAME_AT = 0.9, 0.5  # shares of the window: too low for the name, and where it goes then
_STRIP = Area(20, 138.5, 260, 14)
_FAMILIES = ("Noto Sans", "Noto Naskh Arabic")
_KEPT = 16


@dataclass(frozen=True)
class Card:
    """What a card says besides the certificate: who issued, and where it can be checked."""

    issuer: str
    host: str
    colours: tuple[tuple[str, str], ...]


@lru_cache(maxsize=_KEPT)
def card_plate(design: Source, wording: str, fonts: FontSet, card: Card) -> plate.Plate:
    """Return the plate of a design's card.

    It says nothing of being valid: that may change, and a picture that was shared does not.
    """
    layout = layout_of(design)
    place = _place(layout)
    page = plate.still_picture(design, wording, fonts, (place.width, place.height))
    return _framed(page, layout, place, card, fonts)


def card_of(page: Image.Image, layout: Layout, card: Card, fonts: FontSet) -> plate.Plate:
    """Return the plate of a page that has everything on it already."""
    place = _place(layout)
    size = (place.width, place.height)
    return _framed(page.resize(size, Image.Resampling.LANCZOS), layout, place, card, fonts)


def _framed(
    page: Image.Image, layout: Layout, place: plate.Place, card: Card, fonts: FontSet
) -> plate.Plate:
    theme = DEFAULTS | dict(card.colours)
    picture = Image.new("RGB", SIZE, theme["primary"])
    left, top, _, bottom = place.window
    seen = page.crop((0, top - place.top, place.width, bottom - place.top))
    picture.paste(seen, (left, top))
    size = (SIZE[0] / _UNIT, SIZE[1] / _UNIT)
    words = sheet.page(_edge(place, theme), _words(card, theme, fonts), size=size)
    (picture,) = put_ink(words, [Ground(picture, [Piece(0, 0, 0, *SIZE)], SIZE)])
    return plate.make(picture, layout, place)


def _place(layout: Layout) -> plate.Place:
    """Let the page fill the width; move it up where its name would lie below the edge."""
    left, top, right, bottom = _WINDOW
    if layout.height > layout.width:
        left, right = (SIZE[0] - _WIDEST_PORTRAIT) // 2, (SIZE[0] + _WIDEST_PORTRAIT) // 2
    unit = (right - left) / layout.width
    name = next(
        (
            box.area
            for box in layout.boxes
            if isinstance(box, Text)
            and any("recipient_name" in PLACEHOLDER.findall(text) for text in box.words.values())
        ),
        Area(0, 0, 0, 0),
    )
    window, height = bottom - top, round(layout.height * unit)
    up = 0
    if (name.y + name.h) * unit > window * _NAME_LOW:
        up = round((name.y + name.h / 2) * unit - window * _NAME_AT)
    up = max(0, min(up, height - window))
    edge = _uncut(layout, (bottom - top + up) / unit)
    return plate.Place(
        left, top - up, right - left, height, (left, top, right, top - up + int(edge * unit))
    )


def _uncut(layout: Layout, edge: float) -> float:
    """Return the lowest line, from `edge` millimetres upwards, that cuts through no words."""
    for box in sorted(layout.boxes, key=lambda box: -box.area.y):
        area = box.area
        if isinstance(box, Text | Qr) and area.y < edge < area.y + area.h:
            edge = area.y
    return edge


def _edge(place: plate.Place, theme: Mapping[str, str]) -> bytes:
    """Draw the line on which the page ends."""
    left, _, right, bottom = place.window
    canvas = Canvas(SIZE[1] / _UNIT)
    canvas.fill(theme["accent"])
    canvas.rectangle(left / _UNIT, bottom / _UNIT, (right - left) / _UNIT, 1)
    canvas.paint("f")
    return canvas.bytes()


def _words(card: Card, theme: Mapping[str, str], fonts: FontSet) -> list[Placed]:
    """Set who issued and where to check; what no font draws is left out of this picture."""
    lettering = max(("paper", "ink"), key=lambda name: contrast(theme[name], theme["primary"]))
    loud, quiet = theme[lettering], mix(theme[lettering], theme["primary"], 0.8)
    heavy = Style(families=_FAMILIES, weight=700)
    name = _line(card.issuer, 25, style=heavy, colour=loud, fonts=fonts)
    is_rtl = any(run.is_rtl for placed in name for run in placed.line.runs)
    if is_rtl:
        name = _line(card.issuer, 25, style=heavy, colour=loud, fonts=fonts, align=Align.END)
    align = Align.START if is_rtl else Align.END
    light = Style(families=_FAMILIES)
    return name + _line(card.host, 17, style=light, colour=quiet, fonts=fonts, align=align)


def _line(
    text: str,
    size: float,
    *,
    style: Style,
    colour: str,
    fonts: FontSet,
    align: Align = Align.START,
) -> list[Placed]:
    width = _STRIP.w * (0.62 if style.weight > 400 else 0.36)  # noqa: PLR2004 - names are longer
    x = _STRIP.x if align == Align.START else _STRIP.x + _STRIP.w - width
    box = Text(
        area=Area(x, _STRIP.y, width, _STRIP.h),
        words={"": text},
        font="",
        size=size,
        min_size=9,
        colour="",
        align=align,
        sit=Sit.MIDDLE,
        lines=1,
    )
    try:
        return fit([Words(text, is_value=True)], box, style=style, fonts=fonts, colour=colour)
    except CannotDraw:
        return []
