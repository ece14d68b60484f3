"""Add glyphs made of others to a subset font, so that a letter and its marks are one code.

Readers turn right-to-left text around letter by letter. A mark that is drawn by itself ends up
on the wrong side of its letter there; as part of one glyph it stays where it belongs.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from templates_app.rendering.sfnt import read_tables, write_tables

_WORDS, _XY, _MORE = 0x0001, 0x0002, 0x0020  # OpenType 1.9, glyf: component flags
_DEEP = 4  # components may be composites of their own


@dataclass(frozen=True)
class Part:
    """A glyph of a composite and where its origin goes, in font units."""

    gid: int
    x: int
    y: int


@dataclass(frozen=True)
class Composite:
    """A new glyph; `advance` is in font units."""

    parts: tuple[Part, ...]
    advance: int


def add_composites(font: bytes, composites: Sequence[Composite]) -> bytes:
    """Return a TrueType font with glyphs appended in the order given (OpenType 1.9, glyf)."""
    if not composites:
        return font
    tables = read_tables(font)
    count = struct.unpack_from(">H", tables["maxp"], 4)[0]
    offsets = _offsets(tables)
    glyf, metrics = bytearray(tables["glyf"]), _metrics(tables, count)
    for each in composites:
        drawn = [part for part in each.parts if offsets[part.gid] < offsets[part.gid + 1]]
        boxes = [_box(tables["glyf"], offsets[part.gid], part) for part in drawn]
        if drawn:
            glyf += struct.pack(">5h", -1, *_around(boxes))
            for part in drawn:
                flags = _WORDS | _XY | (_MORE if part is not drawn[-1] else 0)
                glyf += struct.pack(">HHhh", flags, part.gid, part.x, part.y)
            glyf += b"\0" * (-len(glyf) % 4)
        offsets.append(len(glyf))
        metrics.append((each.advance, _around(boxes)[0] if boxes else 0))
    return _assembled(tables, bytes(glyf), offsets, metrics)


def _offsets(tables: dict[str, bytes]) -> list[int]:
    """Return where each glyph's outline begins, and where the last one ends."""
    loca = tables["loca"]
    if struct.unpack_from(">h", tables["head"], 50)[0]:
        return list(struct.unpack(f">{len(loca) // 4}L", loca))
    return [2 * half for half in struct.unpack(f">{len(loca) // 2}H", loca)]


def _metrics(tables: dict[str, bytes], count: int) -> list[tuple[int, int]]:
    """Return advance and left side bearing of each glyph."""
    hmtx, long = tables["hmtx"], struct.unpack_from(">H", tables["hhea"], 34)[0]
    full = [struct.unpack_from(">Hh", hmtx, 4 * at) for at in range(long)]
    bare = struct.unpack_from(f">{count - long}h", hmtx, 4 * long)
    return [*((full[at][0], full[at][1]) for at in range(long)), *((full[-1][0], b) for b in bare)]


def _box(glyf: bytes, offset: int, part: Part) -> tuple[int, int, int, int]:
    left, bottom, right, top = struct.unpack_from(">4h", glyf, offset + 2)
    return left + part.x, bottom + part.y, right + part.x, top + part.y


def _around(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _assembled(
    tables: dict[str, bytes],
    glyf: bytes,
    offsets: Sequence[int],
    metrics: Sequence[tuple[int, int]],
) -> bytes:
    count = len(metrics)
    head = bytearray(tables["head"])
    struct.pack_into(">L", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)  # long offsets
    hhea = bytearray(tables["hhea"])
    struct.pack_into(">H", hhea, 34, count)
    maxp = bytearray(tables["maxp"])
    struct.pack_into(">H", maxp, 4, count)
    points, contours = struct.unpack_from(">HH", maxp, 6)
    # Room for a letter with marks; readers reserve memory by these figures.
    struct.pack_into(">HH", maxp, 10, min(0xFFFF, points * 8), min(0xFFFF, contours * 8))
    struct.pack_into(">HH", maxp, 28, 8, _DEEP)
    return write_tables(
        tables
        | {
            "head": bytes(head),
            "hhea": bytes(hhea),
            "maxp": bytes(maxp),
            "glyf": glyf,
            "loca": struct.pack(f">{len(offsets)}L", *offsets),
            "hmtx": b"".join(struct.pack(">Hh", *each) for each in metrics),
        }
    )
