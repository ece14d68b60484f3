"""A QR code as rectangles of a page: sharp at any size, level M, quiet zone of four modules.

One that carries a signed statement is read from paper by phones: its modules are at least a third
of a millimetre, for which a long statement goes down to level L, and stays away where that is not
enough. The link is always there.
"""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from templates_app.design import Area
from templates_app.rendering.canvas import POINTS, Canvas

zxing: Any
try:
    import zxingcpp as zxing
except ImportError:  # no wheel for this machine: segno is slower, but pure Python
    zxing = None

QUIET = 4
LEAST_MODULE = 0.33  # millimetres
# The statement on a name of 200 Arabic letters takes 113 modules at level L, quiet zone and all.
LEAST_SIGNED = 40.0
LARGER = f"Make it at least {LEAST_SIGNED:g} mm wide, or let it carry the link alone."
_MOST = {"M": 2331, "L": 2953}  # bytes of the largest code (ISO/IEC 18004, table 7)
_DARK = re.compile(rb"\x00+")
_KEPT = 16  # PDF and picture of a certificate come one after the other


class NotRead(Exception):
    """A code that does not say what it was made to say: nobody must get it."""


class Message(NamedTuple):
    """What a code says, and how much of it may be torn: level M a seventh, L half as much."""

    content: str
    level: str = "M"


def message(link: str, statement: str, *, side: float) -> Message:
    """Return what a code of `side` millimetres says: link and statement, else the link alone."""
    whole = f"{link}#{statement}"
    for level, most in _MOST.items() if statement else ():
        if len(whole) <= most and _module(whole, level, side) >= LEAST_MODULE:
            return Message(whole, level)
    return Message(link)


def too_small(side: float) -> str:
    """Return what is wrong with a signed code of so many millimetres."""
    return f"the signed QR code is {side:.3g} mm wide, too small to be read from paper"


@lru_cache(maxsize=_KEPT)
def modules(content: str, level: str = "M") -> tuple[bytes, ...]:
    """Return the rows of a QR code, one byte a module, dark ones 0, without the quiet zone.

    The code is read back before anybody gets it; raises NotRead where it says something else.
    """
    if zxing is None:
        return _by_segno(content, level)
    code = make(content, level)
    if not _says(code, content):
        raise NotRead("the QR code that was made cannot be read back")
    return rows(code)


def make(content: str, level: str = "M") -> Any:
    """Return zxing's own code, of the best mask, not read back yet."""
    return zxing.create_barcode(content, zxing.BarcodeFormat.QRCode, ec_level=level)


def rows(code: Any) -> tuple[bytes, ...]:
    """Return the rows of zxing's code."""
    image = memoryview(code.to_image(add_quiet_zones=False))
    flat, side = image.tobytes(), len(image)
    return tuple(flat[start : start + side] for start in range(0, len(flat), side))


def _says(code: Any, content: str) -> bool:
    read = zxing.read_barcodes(
        code.to_image(add_quiet_zones=True),
        formats=zxing.BarcodeFormat.QRCode,
        is_pure=True,
        try_rotate=False,
        try_downscale=False,
    )
    return [each.text for each in read] == [content]


def draw(canvas: Canvas, area: Area, said: Message, *, colour: str, paper: str) -> None:
    """Draw the code on bare paper, as large as the area allows, quiet zone included."""
    side = min(area.w, area.h)
    module = _module(*said, side)
    left, top = area.x + (area.w - side) / 2, area.y + (area.h - side) / 2
    canvas.fill(paper)
    canvas.rectangle(left, top, side, side)
    canvas.paint("f")
    canvas.fill(colour)
    unit = module * POINTS
    x, y = (left + QUIET * module) * POINTS, (canvas.page_height - top - QUIET * module) * POINTS
    canvas.operators.append(f"q {unit:.5f} 0 0 {-unit:.5f} {x:.3f} {y:.3f} cm\n{_path(*said)}Q")


def _module(content: str, level: str, side: float) -> float:
    """Return how large a module is in millimetres."""
    return side / (len(modules(content, level)) + 2 * QUIET)


def svg(content: str) -> str:
    """Return the code as an SVG document of its own, dark on white, quiet zone included."""
    code = modules(content)
    side = len(code) + 2 * QUIET
    runs = "".join(
        f"M{QUIET + start} {QUIET + row}h{end - start}v1h-{end - start}z"
        for row, cells in enumerate(code)
        for start, end in map(re.Match.span, _DARK.finditer(cells))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{runs}"/></svg>'
    )


@lru_cache(maxsize=_KEPT)
def _path(content: str, level: str) -> str:
    """Return the dark modules as one filled path, a module being one unit, rows downwards."""
    rows = [
        "".join(map(_run, map(re.Match.span, _DARK.finditer(cells)))).replace("y", str(row))
        for row, cells in enumerate(modules(content, level))
    ]
    return "".join([*rows, "f\n"])


@cache
def _run(span: tuple[int, int]) -> str:
    """Return the rectangle of a run of dark modules; every row's number goes where the y is."""
    return f"{span[0]} y {span[1] - span[0]} 1 re\n"


def _by_segno(content: str, level: str) -> tuple[bytes, ...]:
    import segno  # noqa: PLC0415 - only where the faster one is missing

    code = segno.make(content, error=level, boost_error=False, micro=False)
    return tuple(bytes(0 if dark else 255 for dark in row) for row in code.matrix)
