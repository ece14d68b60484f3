"""The smallest PDF that a rasteriser reads: what becomes pixels at once and is never kept."""

from collections.abc import Sequence
from functools import cache, lru_cache

import uharfbuzz as hb

from templates_app.layout import colour
from templates_app.rendering import qr
from templates_app.rendering.canvas import POINTS, Canvas, number, rgb
from templates_app.rendering.cff import write_cff
from templates_app.rendering.font_objects import prepared
from templates_app.rendering.fonts import Face
from templates_app.rendering.setting import Placed
from templates_app.rendering.variable import Variable

_OUTLINES = frozenset(
    int.from_bytes(tag, "big")
    for tag in (b"glyf", b"loca", b"head", b"hhea", b"hmtx", b"maxp", b"fpgm", b"prep", b"cvt ")
)


@lru_cache(maxsize=2)
def sheet(variable: Variable) -> bytes:
    """Return a page with the variable lines and QR codes, as the certificate's PDF has them."""
    layout = variable.layout
    canvas = Canvas(layout.height)
    for code in variable.codes:
        ink, paper = colour(layout, code.box.colour), colour(layout, "paper")
        qr.draw(canvas, code.box.area, code.said, colour=ink, paper=paper)
    return page(canvas.bytes(), variable.lines, size=(layout.width, layout.height))


def page(content: bytes, lines: Sequence[Placed], *, size: tuple[float, float]) -> bytes:
    """Return a PDF of one page of a size in millimetres: drawn content, then lines on it."""
    codes: dict[Face, dict[int, int]] = {}
    text = [_show(placed, codes, size[1]) for placed in lines]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"",
        _stream(b"", content + "".join(text).encode("ascii")),
    ]
    fonts = []
    for index, (face, used) in enumerate(codes.items()):
        fonts.append(f"/F{index} {len(objects) + 1} 0 R")
        objects += _font(face, used, len(objects) + 1)
    box = f"[0 0 {number(size[0] * POINTS)} {number(size[1] * POINTS)}]"
    objects[2] = (
        f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Contents 4 0 R"
        f"/Resources<</Font<<{''.join(fonts)}>>>>>>"
    ).encode("ascii")
    return _file(objects)


def _show(placed: Placed, codes: dict[Face, dict[int, int]], page_height: float) -> str:
    """Show a line glyph by glyph: advances are nought in these fonts, so shifts say it all."""
    parts = [f"BT {rgb(placed.colour)} rg\n"]
    x, y = placed.x * POINTS, (page_height - placed.baseline) * POINTS
    for run in placed.line.runs:
        used = codes.setdefault(run.face, {})
        name = list(codes).index(run.face)
        parts.append(f"/F{name} {number(placed.size)} Tf 1 0 0 1 {number(x)} {number(y)} Tm\n")
        pen, drawn, rise = 0.0, 0.0, 0.0
        shown: list[str] = []
        for glyph in run.glyphs:
            if glyph.dy != rise:
                rise = glyph.dy
                parts.append(f"[{''.join(shown)}]TJ {number(rise * placed.size / 1000)} Ts\n")
                shown = []
            shift = round(pen + glyph.dx - drawn, 2)
            if shift:
                shown.append(f"{-shift:g}")
                drawn += shift
            shown.append(f"<{used.setdefault(glyph.gid, len(used)) + 1:04X}>")
            pen += glyph.advance
        parts.append(f"[{''.join(shown)}]TJ 0 Ts\n")
        x += pen * placed.size / 1000
    return "".join([*parts, "ET\n"])


def _font(face: Face, used: dict[int, int], first: int) -> list[bytes]:
    """Return a composite font of the glyphs used, as objects numbered from `first`."""
    if face.is_cff:
        data, glyph_of_code = write_cff(face, used, "F"), b""
        key, kind, more = "FontFile3", "CIDFontType0", b"/Subtype/CIDFontType0C"
    else:
        data, glyph_of_code = _cut(face, used)
        key, kind, more = "FontFile2", "CIDFontType2", b"/Length1 %d" % len(data)
    to_glyphs = "" if face.is_cff else f"/CIDToGIDMap {first + 4} 0 R"
    objects = [
        f"<</Type/Font/Subtype/Type0/BaseFont/F/Encoding/Identity-H"
        f"/DescendantFonts[{first + 1} 0 R]>>".encode("ascii"),
        f"<</Type/Font/Subtype/{kind}/BaseFont/F/DW 0/FontDescriptor {first + 2} 0 R"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"{to_glyphs}>>".encode("ascii"),
        f"<</Type/FontDescriptor/FontName/F/Flags 4/FontBBox[-1000 -1000 3000 2000]/ItalicAngle 0"
        f"/Ascent 900/Descent -300/CapHeight 700/StemV 80/{key} {first + 3} 0 R>>".encode("ascii"),
        _stream(more, data),
    ]
    return objects if face.is_cff else [*objects, _stream(b"", glyph_of_code)]


def _cut(face: Face, used: dict[int, int]) -> tuple[bytes, bytes]:
    """Return a TrueType font of the glyphs, and where in it each code finds its own."""
    choice = hb.SubsetInput()
    choice.glyph_set.update(used)
    choice.flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
    choice.drop_table_tag_set.update(_superfluous(face))
    plan = hb.SubsetPlan(prepared(face), choice)
    new = plan.old_to_new_glyph_mapping
    data = bytes(plan.execute().blob.data)
    return data, b"\0\0" + b"".join(new[gid].to_bytes(2, "big") for gid in used)


@cache
def _superfluous(face: Face) -> frozenset[int]:
    """Return the tables that outlines do without."""
    tags = (tag.encode("latin-1") for tag in face.hb_face.table_tags)
    return frozenset(int.from_bytes(tag, "big") for tag in tags) - _OUTLINES


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)


def _file(objects: Sequence[bytes]) -> bytes:
    """Return the file (ISO 32000-2 §7.5): objects numbered from 1, and where each begins."""
    parts, offsets, position = [b"%PDF-1.7\n"], [], 9
    for index, content in enumerate(objects, 1):
        part = b"%d 0 obj\n%b\nendobj\n" % (index, content)
        offsets.append(position)
        position += len(part)
        parts.append(part)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, rows, len(objects) + 1, position)
    )
    return b"".join(parts)
