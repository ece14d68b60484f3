"""A face cut down to the glyphs a document uses, as the objects a PDF holds it in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import uharfbuzz as hb

from templates_app.rendering.cff import write_cff
from templates_app.rendering.composite import Composite, Part, add_composites
from templates_app.rendering.fonts import Face
from templates_app.rendering.pdf_writer import Objects
from templates_app.rendering.text import Glyph

_SYMBOLIC, _ITALIC = 4, 64
# Shaping is done: what served it, and what only systems ask for, stays behind.
_DROPPED_TABLES = tuple(
    int.from_bytes(tag, "big")
    for tag in (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"STAT", b"name", b"post", b"OS/2", b"cmap")
)


@dataclass
class Used:
    """What one face is asked for: a character code for each glyph and the text it stands for.

    One glyph can stand for different text, so the same glyph may get several codes.
    """

    name: str
    codes: dict[tuple[int, str], int] = field(default_factory=dict)
    composites: dict[int, Composite] = field(default_factory=dict)

    def merged(self, made: Composite, text: str) -> int:
        """Return the code of several glyphs made one."""
        known = {each: gid for gid, each in self.composites.items()}
        gid = known.get(made, -1 - len(self.composites))
        self.composites[gid] = made
        return self.code(gid, text)

    def code(self, gid: int, text: str) -> int:
        """Return the code of a glyph that stands for a text; 0 is left to .notdef."""
        return self.codes.setdefault((gid, text), len(self.codes) + 1)


def as_one(glyphs: Sequence[Glyph], scale: float) -> Composite:
    """Return several glyphs as one, in units of their face, of which there are 1000 / `scale`."""
    parts, pen = [], 0.0
    for glyph in glyphs:
        parts.append(Part(glyph.gid, round((pen + glyph.dx) / scale), round(glyph.dy / scale)))
        pen += glyph.advance
    return Composite(tuple(parts), round(pen / scale))


@dataclass(frozen=True)
class Subset:
    """A face's share in a document (§9.7): Type0, Identity-H, TrueType or CFF outlines.

    A CFF font's glyphs stand in the order of the codes, so that no map leads to them.
    """

    name: str
    data: bytes
    glyph_of_code: bytes
    widths: list[float]
    to_unicode: bytes
    descriptor: dict[str, Any]
    facts: bytes  # the same as bytes
    is_cff: bool


def subset(face: Face, used: Used) -> Subset:
    """Return the face cut down to the glyphs that were used."""
    if face.is_cff:
        drawn = [used.composites[gid] if gid < 0 else gid for gid, _ in used.codes]
        return _named(face, used, write_cff(face, drawn, "F"), b"")
    choice = hb.SubsetInput()
    choice.glyph_set.update({gid for gid, _ in used.codes if gid >= 0})
    choice.glyph_set.update({part.gid for each in used.composites.values() for part in each.parts})
    choice.flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
    choice.drop_table_tag_set.update(_DROPPED_TABLES)
    plan = hb.SubsetPlan(prepared(face), choice)
    new = plan.old_to_new_glyph_mapping
    cut = plan.execute()
    composites = [
        Composite(tuple(Part(new[part.gid], part.x, part.y) for part in each.parts), each.advance)
        for each in used.composites.values()
    ]
    added = {gid: cut.glyph_count + at for at, gid in enumerate(used.composites)}
    glyphs = [0, *(added[gid] if gid < 0 else new[gid] for gid, _ in used.codes)]
    data = add_composites(bytes(cut.blob.data), composites)
    return _named(face, used, data, b"".join(glyph.to_bytes(2, "big") for glyph in glyphs))


def _named(face: Face, used: Used, data: bytes, glyph_of_code: bytes) -> Subset:
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(data).digest()[:6])
    scale = 1000 / face.hb_face.upem
    advance = face.hb_font.get_glyph_h_advance
    return Subset(
        name=f"{tag}+{face.path.stem.replace('_', '-')}",
        data=data,
        glyph_of_code=glyph_of_code,
        widths=[
            round(scale * (used.composites[gid].advance if gid < 0 else advance(gid)), 2)
            for gid, _ in used.codes
        ],
        to_unicode=_to_unicode(used),
        descriptor=_descriptor(face),
        facts=_facts(face),
        is_cff=face.is_cff,
    )


def write_font(objects: Objects, font: Subset) -> int:
    """Write the objects of a font and return the number of the one that pages refer to."""
    name = font.name.encode("ascii")
    if font.is_cff:
        key, kind, more = b"FontFile3", b"CIDFontType0", b"/Subtype/CIDFontType0C"
    else:
        key, kind, more = b"FontFile2", b"CIDFontType2", b"/Length1 %d" % len(font.data)
    file = objects.stream(font.data, more)
    descriptor = objects.add(
        b"<</Type/FontDescriptor/FontName/%b%b/%b %d 0 R>>" % (name, font.facts, key, file)
    )
    to_glyphs = b""
    if not font.is_cff:
        to_glyphs = b"/CIDToGIDMap %d 0 R" % objects.stream(font.glyph_of_code)
    widths = " ".join(f"{width:g}" for width in font.widths).encode("ascii")
    descendant = objects.add(
        b"<</Type/Font/Subtype/%b/BaseFont/%b"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/FontDescriptor %d 0 R%b/DW 1000/W[1[%b]]>>" % (kind, name, descriptor, to_glyphs, widths)
    )
    to_unicode = objects.stream(font.to_unicode)
    return objects.add(
        b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H"
        b"/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>" % (name, descendant, to_unicode)
    )


@lru_cache(maxsize=256)
def prepared(face: Face) -> hb.Face:
    """Return the face with what every cut of it needs worked out once: a quarter of the time."""
    return hb.subset_preprocess(face.hb_face)


@lru_cache(maxsize=256)
def _descriptor(face: Face) -> dict[str, Any]:
    """Return what a font descriptor says of a face (§9.8)."""
    scale = 1000 / face.hb_face.upem
    extents = face.hb_font.get_font_extents("ltr")
    ascent, descent = round(extents.ascender * scale), round(extents.descender * scale)
    return {
        "Flags": _SYMBOLIC | (_ITALIC if face.italic else 0),
        "FontBBox": [-1000, descent, 3000, ascent],
        "ItalicAngle": -12 if face.italic else 0,
        "Ascent": ascent,
        "Descent": descent,
        "CapHeight": 700,
        "StemV": 140 if face.weight >= 600 else 80,  # noqa: PLR2004 - where bold begins
    }


@lru_cache(maxsize=256)
def _facts(face: Face) -> bytes:
    return b"".join(b"/%b %b" % (k.encode(), _value(v)) for k, v in _descriptor(face).items())


def _value(value: int | list[int]) -> bytes:
    if isinstance(value, list):
        return b"[%b]" % b" ".join(b"%d" % each for each in value)
    return b"%d" % value


def _to_unicode(used: Used) -> bytes:
    entries = [
        f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
        for (_, text), code in used.codes.items()
        if text
    ]
    blocks = [entries[at : at + 100] for at in range(0, len(entries), 100)]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
