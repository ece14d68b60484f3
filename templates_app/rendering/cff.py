"""Write a CFF font of a few glyphs, for faces whose outlines are cubic (Adobe TN 5176 and 5177).

Glyphs are drawn anew from their outlines: whatever subroutines and hints the face has stay
behind, and several glyphs become one as easily as one does.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

from templates_app.rendering.composite import Composite
from templates_app.rendering.fonts import Face
from templates_app.rendering.outlines import outline

_REGISTRY, _ORDERING = 391, 392  # the first two strings that are not standard ones
_MOVE, _LINE, _CURVE, _END = b"\x15", b"\x05", b"\x08", b"\x0e"
_FARTHEST = 0x7FFF


def write_cff(face: Face, glyphs: Iterable[int | Composite], name: str) -> bytes:
    """Return a CID-keyed font whose CIDs are places in `glyphs`, counted from 1; 0 is .notdef."""
    strings = [_END, *(_charstring(face, glyph) for glyph in glyphs)]
    last = len(strings) - 1
    charset = b"\x02" + struct.pack(">HH", 1, last - 1) if last else b"\x00"
    select = b"\x03" + struct.pack(">HHBH", 1, 0, 0, len(strings))
    before = b"\x01\x00\x04\x04" + _index([name.encode("ascii")])
    names = _index([b"Adobe", b"Identity"]) + _index([])
    # Offsets take five bytes whatever they are, so that the size of the dictionary is known.
    at = len(before) + len(_index([_top(face, len(strings), (0, 0, 0, 0))])) + len(names)
    charstrings = _index(strings)
    private_at = at + len(charset) + len(select) + len(charstrings)
    offsets = (at, at + len(charset), at + len(charset) + len(select), private_at)
    # An empty Private DICT: widths are written out in full.
    fonts = _index([_number(0) + _offset(private_at) + b"\x12"])
    top = _index([_top(face, len(strings), offsets)])
    return before + top + names + charset + select + charstrings + fonts


def _top(face: Face, count: int, offsets: tuple[int, int, int, int]) -> bytes:
    charset, select, charstrings, fonts = map(_offset, offsets)
    unit = _real(1 / face.hb_face.upem)
    matrix = b"".join((unit, _number(0), _number(0), unit, _number(0), _number(0)))
    return b"".join(
        (
            *(_number(_REGISTRY), _number(_ORDERING), _number(0), b"\x0c\x1e"),
            *(matrix, b"\x0c\x07"),
            *(_number(count), b"\x0c\x22"),
            *(charset, b"\x0f"),
            *(select, b"\x0c\x25"),
            *(charstrings, b"\x11"),
            *(fonts, b"\x0c\x24"),
        )
    )


@lru_cache(maxsize=2048)
def _charstring(face: Face, glyph: int | Composite) -> bytes:
    if isinstance(glyph, Composite):
        drawn: Sequence[tuple[int, int, int]] = [(p.gid, p.x, p.y) for p in glyph.parts]
        advance = glyph.advance
    else:
        drawn, advance = [(glyph, 0, 0)], face.hb_font.get_glyph_h_advance(glyph)
    made, pen = [_number(advance)], (0, 0)
    for gid, right, up in drawn:
        for letter, points in outline(face, gid):
            if letter == "Z":
                continue
            places = [
                (round(points[at]) + right, round(points[at + 1]) + up)
                for at in range(0, len(points), 2)
            ]
            for x, y in places:
                made += [_number(x - pen[0]), _number(y - pen[1])]
                pen = (x, y)
            made.append({"M": _MOVE, "L": _LINE, "C": _CURVE}[letter])
    return b"".join(made) + _END


def _index(items: Sequence[bytes]) -> bytes:
    if not items:
        return b"\0\0"
    ends, end = [1], 1
    for item in items:
        end += len(item)
        ends.append(end)
    return struct.pack(f">HB{len(ends)}L", len(items), 4, *ends) + b"".join(items)


def _number(value: int) -> bytes:
    """Return an integer as both charstrings and dictionaries write it."""
    if abs(value) <= 107:  # noqa: PLR2004 - TN 5177, table 1
        return bytes([value + 139])
    value = max(-_FARTHEST, min(_FARTHEST, value))
    return b"\x1c" + struct.pack(">h", value)


def _offset(value: int) -> bytes:
    return b"\x1d" + struct.pack(">l", value)


def _real(value: float) -> bytes:
    """Return a number as a dictionary writes fractions: a digit in each half of a byte."""
    digits = f"{value:.12f}".rstrip("0").replace(".", "a") + "f"
    return b"\x1e" + bytes.fromhex(digits + "f" * (len(digits) % 2))
