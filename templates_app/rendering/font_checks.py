"""What no uploaded font may be: damaged, lying about itself, or licensed against embedding."""

import struct
from collections.abc import Mapping
from itertools import pairwise

from templates_app.rendering.sfnt import checksum_of

_KINDS = {b"\x00\x01\x00\x00": "glyf", b"true": "glyf", b"OTTO": "CFF "}
_OTHERS = {b"wOF2": "a WOFF2 file, made for web pages", b"ttcf": "a collection of several fonts"}
_NEEDED = ("head", "hhea", "maxp", "hmtx", "cmap", "name", "OS/2")
MOST_TABLES = 64
_MOST_GLYPHS = 20_000
_DEEPEST = 6
_MOST_PARTS = 256
# OpenType 1.9, OS/2, fsType.
_RESTRICTED, _USABLE, _NO_SUBSET, _BITMAP_ONLY = 0x0002, 0x000C, 0x0100, 0x0200
# OpenType 1.9, glyf: component flags.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


class BadFont(ValueError):
    """An upload that is refused, with the reason for the person who made it."""


def sound_tables(upload: bytes) -> dict[str, bytes]:
    """Return the tables of a font whose every table is whole, its own and what it says to be."""
    outlines = _KINDS.get(upload[:4])
    if outlines is None:
        what = _OTHERS.get(upload[:4], "no font")
        raise BadFont(
            f"The file is {what}. Upload a TrueType, OpenType or WOFF font (.ttf, .otf, .woff)."
        )
    tables = _directory(upload)
    if outlines == "CFF " and "CFF2" in tables:
        outlines = "CFF2"
    needed = (*_NEEDED, outlines, *(("loca",) if outlines == "glyf" else ()))
    missing = [tag.strip() for tag in needed if tag not in tables]
    if missing:
        raise BadFont(f"The font is damaged: it has no table {' and no '.join(missing)}.")
    if len(tables["OS/2"]) < 64 or len(tables["maxp"]) < 6 or len(tables["head"]) < 54:  # noqa: PLR2004 - up to what is read here
        raise BadFont("The font is damaged: its table OS/2, maxp or head is cut off.")
    _check_licence(struct.unpack_from(">H", tables["OS/2"], 8)[0])
    count = glyph_count(tables)
    if not 1 <= count <= _MOST_GLYPHS:
        raise BadFont(f"The font has {count:,} glyphs; at most {_MOST_GLYPHS:,} are taken.")
    return tables


def glyph_count(tables: Mapping[str, bytes]) -> int:
    """Return how many glyphs a font says it has."""
    count: int = struct.unpack_from(">H", tables["maxp"], 4)[0]
    return count


def check_composites(tables: Mapping[str, bytes]) -> None:
    """Refuse glyphs that are made of themselves, of too many others or of what is not there."""
    try:
        parts = _parts(tables)
    except struct.error as error:
        raise BadFont("The font is damaged: an outline ends too early.") from error
    sizes: dict[int, int] = {}

    def size(gid: int, above: tuple[int, ...]) -> int:
        if gid in above:
            raise BadFont(f"The font is damaged: glyph {gid} is made of itself.")
        if len(above) > _DEEPEST:
            raise BadFont(f"The font is damaged: glyph {above[0]} is nested too deep.")
        if gid not in sizes:
            sizes[gid] = 1 + sum(size(each, (*above, gid)) for each in parts.get(gid, ()))
        if sizes[gid] > _MOST_PARTS:
            raise BadFont(f"The font is damaged: glyph {gid} has more than {_MOST_PARTS} parts.")
        return sizes[gid]

    for gid in parts:
        size(gid, ())


def _directory(upload: bytes) -> dict[str, bytes]:
    count = int.from_bytes(upload[4:6], "big")
    start = 12 + 16 * count
    if not 0 < count <= MOST_TABLES or start > len(upload):
        raise BadFont("The font is damaged: its list of tables is cut off or too long.")
    tables: dict[str, bytes] = {}
    spans = []
    for at in range(12, start, 16):
        raw, wanted, offset, length = struct.unpack_from(">4sLLL", upload, at)
        tag = raw.decode("latin-1")
        if not tag.isascii() or not tag.isprintable() or tag in tables:
            raise BadFont("The font is damaged: a table has no name or another one’s.")
        if offset < start or offset + length > len(upload):
            raise BadFont(f"The font is damaged: its table {tag.strip()} ends outside the file.")
        spans.append((offset, offset + length, tag))
        data = upload[offset : offset + length]
        if checksum_of(tag, data) != wanted:
            raise BadFont(f"The font is damaged: its table {tag.strip()} has a wrong checksum.")
        tables[tag] = data
    spans.sort()
    for (_, end, tag), (begin, _, other) in pairwise(spans):
        if begin < end:
            both = f"{tag.strip()} and {other.strip()}"
            raise BadFont(f"The font is damaged: its tables {both} overlap.")
    return tables


def _check_licence(bits: int) -> None:
    if bits & _RESTRICTED and not bits & _USABLE:
        raise BadFont(
            "The font’s licence bits (OS/2 fsType 2) forbid embedding, which a PDF needs. Ask its "
            "maker for a version that may be embedded."
        )
    if bits & _NO_SUBSET:
        raise BadFont("The font’s licence bits (OS/2 fsType) forbid embedding a part of it.")
    if bits & _BITMAP_ONLY:
        raise BadFont("The font’s licence bits (OS/2 fsType) allow bitmaps alone to be embedded.")


def _parts(tables: Mapping[str, bytes]) -> dict[int, list[int]]:
    """Return the glyphs each composite is made of."""
    glyf, loca, count = tables["glyf"], tables["loca"], glyph_count(tables)
    if struct.unpack_from(">h", tables["head"], 50)[0]:
        offsets = list(struct.unpack_from(f">{count + 1}L", loca))
    else:
        offsets = [2 * half for half in struct.unpack_from(f">{count + 1}H", loca)]
    found = {}
    for gid in range(count):
        start, end = offsets[gid], offsets[gid + 1]
        if start > end or end > len(glyf):
            raise BadFont(f"The font is damaged: the outline of glyph {gid} is not in its table.")
        if end > start and struct.unpack_from(">h", glyf[start:end])[0] < 0:
            found[gid] = _components(glyf[start:end], count)
    return found


def _components(glyph: bytes, count: int) -> list[int]:
    found, at, flags = [], 10, _MORE
    while flags & _MORE:
        flags, gid = struct.unpack_from(">HH", glyph, at)
        if gid >= count:
            raise BadFont(f"The font is damaged: a glyph is made of {gid}, which is not there.")
        found.append(gid)
        at += 8 if flags & _WORDS else 6
        at += 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0
    return found
