"""Few colours for a picture: its own, and those that letters will mix with what is beneath."""

import zlib
from collections.abc import Iterable
from typing import Any

from PIL import Image, ImageChops, ImageStat

Colour = tuple[int, ...]
Box = tuple[int, int, int, int]

_MOST = 256
_STEPS = 14  # between ink and ground: as many greys as the edge of a letter needs
_MOST_IN_RAMPS = 150
_MOST_MIXED = 176
_NEAR = 60
# Fewer colours deflate better; what is printed on it, and bands, take a fifth more.
_FEWER = (48, 26)
_SMALL, _ESTIMATE_LEVEL = 108_000, 6
_GROUNDS = 2  # colours worth a ramp of their own beneath one box
_FREQUENT = 24
_SAMPLE = 400  # pixels: the colours of a photograph are counted on a smaller one
# Beyond these a person sees that colours are missing, as in the sky of a photograph.
_MEAN_LIMIT = 1.0
_STRAY, _STRAY_SHARE = 14, 0.02


def reduce(picture: Image.Image, inks: Iterable[tuple[Colour, Box]]) -> Image.Image | None:
    """Return the picture in few colours, beside them every ink's blends with what lies beneath.

    `inks` are colours and the boxes they will be put in. None where few colours spoil it.
    """
    inks = list(inks)
    mixed = _blends(picture, inks)
    # What covers much of the page, and its inks, keep their very colour, not a neighbour's mean.
    exact = list(dict.fromkeys([*_frequent(picture, _FREQUENT), *(ink for ink, _ in inks)]))
    best: tuple[int, Image.Image] | None = None
    for number in (_MOST - len(mixed) - len(exact), *_FEWER):
        found = picture.quantize(number, Image.Quantize.MEDIANCUT)
        found = _with_more(found, picture, exact, mixed)
        if _is_spoilt(picture, found):
            break
        size = len(zlib.compress(found.tobytes(), _ESTIMATE_LEVEL))
        if best is None or size < best[0]:
            best = size, found
        if size <= _SMALL:
            break
    return best[1] if best else None


def _with_more(
    reduced: Image.Image, picture: Image.Image, exact: list[Colour], mixed: list[Colour]
) -> Image.Image:
    """Give colours their exact value or a place of their own, and let others stand ready."""
    values = list(reduced.getpalette("RGB") or ())
    own: list[Colour] = [tuple(values[at : at + 3]) for at in range(0, len(values), 3)]
    settled: set[int] = set()
    for wanted in exact:
        close = min(range(len(own)), key=lambda index: (_distance(own[index], wanted), index))
        if close not in settled and _distance(own[close], wanted) <= _NEAR:
            own[close] = wanted
            settled.add(close)
        elif _distance(own[close], wanted) > _NEAR and len(own) + len(mixed) < _MOST:
            others = ImageChops.difference(picture, Image.new("RGB", picture.size, wanted))
            reduced.paste(len(own), mask=_where_none(others))
            settled.add(len(own))
            own.append(wanted)
    reduced.putpalette([channel for colour in (*own, *mixed) for channel in colour])
    return reduced


def _where_none(difference: Image.Image) -> Image.Image:
    """Return a mask of the pixels in which no channel differs."""
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([255] + [0] * 255)


def nearest(picture: Image.Image, palette: Image.Image) -> Image.Image:
    """Return the picture in the colours of another."""
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _blends(picture: Image.Image, inks: list[tuple[Colour, Box]]) -> list[Colour]:
    """Return black, white, the inks and what lies between each and its ground, each once."""
    pairs = dict.fromkeys(
        (ink, ground) for ink, box in inks for ground in _frequent(picture.crop(box), _GROUNDS)
    )
    steps = min(_STEPS, _MOST_IN_RAMPS // max(1, len(pairs)))
    mixed: dict[Colour, None] = {(0, 0, 0): None, (255, 255, 255): None}
    for ink, ground in pairs:
        mixed[ink] = None
        for step in range(1, steps):
            mixed[_blend(ink, ground, step / steps)] = None
    return list(mixed)[:_MOST_MIXED]


def _blend(ink: Colour, ground: Colour, share: float) -> Colour:
    return tuple(round(a * share + b * (1 - share)) for a, b in zip(ink, ground, strict=True))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _frequent(picture: Image.Image, number: int) -> list[Colour]:
    small = picture
    if max(picture.size) > _SAMPLE:
        factor = -(-max(picture.size) // _SAMPLE)
        size = (max(1, picture.width // factor), max(1, picture.height // factor))
        small = picture.resize(size, Image.Resampling.NEAREST)
    counted: Any = small.getcolors(small.width * small.height) or ()
    ordered = sorted(counted, key=lambda entry: (-entry[0], entry[1]))
    return [colour for _, colour in ordered[:number]]


def _is_spoilt(picture: Image.Image, reduced: Image.Image) -> bool:
    difference = ImageChops.difference(picture, reduced.convert("RGB"))
    if max(ImageStat.Stat(difference).mean) > _MEAN_LIMIT:
        return True
    stray = difference.convert("L").point(lambda value: 255 * (value > _STRAY))
    return ImageStat.Stat(stray).mean[0] / 255 > _STRAY_SHARE
