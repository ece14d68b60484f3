"""A plate: the still part of a picture, prepared once, on which each certificate is printed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import ceil, floor

from PIL import Image, ImageChops, ImageColor

from templates_app.design import Area, Layout, Qr, Source, Text
from templates_app.layout import colour
from templates_app.rendering import bands, palette
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.png import Ground, Piece, put_ink
from templates_app.rendering.sheet import sheet
from templates_app.rendering.still import still
from templates_app.rendering.variable import Variable

_MARGIN = 3  # pixels round the ink: the soft edge of a letter
_MM_PER_METRE = 1000
_LEAST_WIDTH = 1600
_ANY = [0] + [255] * 255  # a change of any size, as a mask

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Place:
    """Where a page lies on a picture, and through which window it is seen, in pixels."""

    left: int
    top: int
    width: int
    height: int
    window: Box


@dataclass(frozen=True, eq=False)
class Plate:
    """The still picture, in few colours or in all, and its bands, deflated."""

    still: Image.Image
    bands: tuple[bands.Band, ...]
    place: Place
    per_metre: int


def whole_page(layout: Layout, width: int) -> Place:
    """Return the place of a page that is the whole picture. Its height is rounded here, once."""
    height = round(width * layout.height / layout.width)
    return Place(0, 0, width, height, (0, 0, width, height))


def still_picture(
    design: Source, wording: str, fonts: FontSet, size: tuple[int, int]
) -> Image.Image:
    """Return the still part of a design as a picture of a size in pixels, in RGB.

    PDFium draws no line thinner than a pixel, so small pages are drawn large and reduced.
    """
    factor = max(1, round(_LEAST_WIDTH / size[0]))
    large = (size[0] * factor, size[1] * factor)
    ground = Ground(Image.new("RGB", large, "white"), [Piece(0, 0, 0, *large)], large)
    (picture,) = put_ink(still(design, wording, fonts), [ground])
    return picture.reduce(factor)


def make(picture: Image.Image, layout: Layout, place: Place) -> Plate:
    """Prepare a still picture in RGB for what its layout will put on it."""
    unit = place.width / layout.width
    inks: list[tuple[palette.Colour, Box]] = []
    for box in layout.boxes:
        if isinstance(box, Text | Qr):
            covered = _pixels(box.area, place, unit)
            if _is_empty(covered):
                continue
            inks.append((ImageColor.getrgb(colour(layout, box.colour)), covered))
            if isinstance(box, Qr):
                inks.append((ImageColor.getrgb(colour(layout, "paper")), covered))
    reduced = palette.reduce(picture, inks) or picture
    return Plate(reduced, bands.pack_all(reduced), place, round(unit * _MM_PER_METRE))


def print_on(
    plates: Sequence[Plate], variable: Variable, *, texts: Mapping[str, str]
) -> list[bytes]:
    """Return a certificate on each plate as PNG; only the bands that got ink are made anew."""
    return [
        bands.assemble(
            picture, _bands(plate, picture, spots), per_metre=plate.per_metre, texts=texts
        )
        for plate, (picture, spots) in zip(plates, printed(plates, variable), strict=True)
    ]


def printed(plates: Sequence[Plate], variable: Variable) -> Iterator[tuple[Image.Image, list[Box]]]:
    """Yield the pixels that `print_on` encodes, and the boxes that got ink, downwards."""
    strips = [_Strip(plate, list(_spots(variable, plate.place))) for plate in plates]
    inked = put_ink(sheet(variable), [strip.ground() for strip in strips])
    for strip, ink in zip(strips, inked, strict=True):
        yield strip.put_back(ink), strip.spots


class _Strip:
    """The parts of a still picture that get ink, one below the other, so that each step is one."""

    def __init__(self, plate: Plate, spots: list[Box]) -> None:
        self.plate = plate
        self.spots = spots
        self.rows = list(accumulate((bottom - top for _, top, _, bottom in spots), initial=0))
        width = max((right - left for left, _, right, _ in spots), default=1)
        strip = Image.new(plate.still.mode, (width, max(1, self.rows[-1])))
        if plate.still.mode == "P":
            strip.putpalette(plate.still.getpalette("RGB") or [])
        for spot, row in zip(spots, self.rows, strict=False):
            strip.paste(plate.still.crop(spot), (0, row))
        self.before = strip.convert("RGB")

    def ground(self) -> Ground:
        place = self.plate.place
        pieces = [
            Piece(row, left - place.left, top - place.top, right - left, bottom - top)
            for (left, top, right, bottom), row in zip(self.spots, self.rows, strict=False)
        ]
        return Ground(self.before, pieces, (place.width, place.height))

    def put_back(self, inked: Image.Image) -> Image.Image:
        """Return the whole picture; where no ink fell it is the still one to the last bit."""
        still = self.plate.still
        picture = still.copy()
        # Not the copy: a palette keeps what was found in it once, for half the time.
        new = palette.nearest(inked, still) if still.mode == "P" else inked
        changed = ImageChops.difference(self.before, inked).convert("L").point(_ANY)
        for (left, top, right, bottom), row in zip(self.spots, self.rows, strict=False):
            part = (0, row, right - left, row + bottom - top)
            picture.paste(new.crop(part), (left, top), changed.crop(part))
        return picture


def _bands(plate: Plate, picture: Image.Image, spots: list[Box]) -> Iterator[bands.Band]:
    """Yield the bands of a picture: kept ones, and in one each those that follow one another."""
    done = 0
    for _, top, _, bottom in spots:
        first, last = top // bands.ROWS, -(-bottom // bands.ROWS)
        yield from plate.bands[done:first]
        yield bands.pack(picture, first * bands.ROWS, min(last * bands.ROWS, picture.height))
        done = last
    yield from plate.bands[done:]


def _spots(variable: Variable, place: Place) -> Iterator[Box]:
    """Yield the boxes of pixels that get ink, those that share bands as one."""
    unit = place.width / variable.layout.width
    areas = [code.box.area for code in variable.codes]
    for line in variable.lines:
        em = line.size / POINTS / 1000
        left, bottom, right, top = line.line.ink
        areas.append(
            Area(
                line.x + left * em,
                line.baseline - top * em,
                (right - left) * em,
                (top - bottom) * em,
            )
        )
    boxes = sorted((_pixels(area, place, unit) for area in areas), key=lambda box: box[1])
    reach, group = 0, 0
    numbered = []
    for box in boxes:
        if _is_empty(box):
            continue
        group += box[1] // bands.ROWS > reach
        reach = max(reach, (box[3] - 1) // bands.ROWS)
        numbered.append((group, box))
    for _, members in groupby(numbered, key=lambda entry: entry[0]):
        lefts, tops, rights, bottoms = zip(*(box for _, box in members), strict=True)
        yield min(lefts), min(tops), max(rights), max(bottoms)


def _pixels(area: Area, place: Place, unit: float) -> Box:
    """Return an area of the page in pixels of the picture, with a margin, inside the window."""
    left, top, right, bottom = place.window
    return (
        max(left, floor(place.left + area.x * unit) - _MARGIN),
        max(top, floor(place.top + area.y * unit) - _MARGIN),
        min(right, ceil(place.left + (area.x + area.w) * unit) + _MARGIN),
        min(bottom, ceil(place.top + (area.y + area.h) * unit) + _MARGIN),
    )


def _is_empty(box: Box) -> bool:
    """Say whether nothing of it is seen through the window."""
    return box[0] >= box[2] or box[1] >= box[3]
