"""Fonts to upload, made of the shipped ones: sound under a name of their own, or with one lie."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import GlyphComponent
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from templates_app.rendering.fonts import SHIPPED
from templates_app.rendering.sfnt import read_tables, write_tables

GARAMOND = SHIPPED / "eb-garamond" / "EBGaramond_400Regular.ttf"
AMIRI = SHIPPED / "amiri" / "Amiri_400Regular.ttf"
_LATIN = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x100)))
_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي "
_FEATURES = "ccmp locl kern mark mkmk isol init medi fina rlig calt liga curs".split()  # noqa: SIM905
Change = Callable[[TTFont], None]


@cache
def latin() -> bytes:
    """Return a font of Latin letters alone, called Brand."""
    return _saved(_cut(GARAMOND, _LATIN))


@cache
def arabic() -> bytes:
    """Return a font of Arabic letters, called Brand Naskh, that knows how they join."""
    return _saved(_cut(AMIRI, _ARABIC), name="Brand Naskh")


@cache
def as_cff(font: bytes) -> bytes:
    """Return the same font with cubic outlines."""
    source = TTFont(io.BytesIO(font))
    order, glyphs = source.getGlyphOrder(), source.getGlyphSet()
    strings = {}
    for name in order:
        pen = T2CharStringPen(glyphs[name].width, glyphs)
        glyphs[name].draw(pen)
        strings[name] = pen.getCharString()
    builder = FontBuilder(font=TTFont(io.BytesIO(font), recalcBBoxes=False))
    for tag in ("glyf", "loca"):
        del builder.font[tag]
    builder.font.sfntVersion = "OTTO"
    builder.isTTF = False
    unit = 1 / source["head"].unitsPerEm
    builder.setupCFF("Brand", {"FontMatrix": [unit, 0, 0, unit, 0, 0]}, strings, {})
    builder.setupMaxp()
    return _bytes(builder.font)


def changed(change: Change, *, font: bytes | None = None) -> bytes:
    """Return a font, the Latin one, after a change to its tables."""
    opened = TTFont(io.BytesIO(font or latin()), recalcBBoxes=False)
    change(opened)
    return _bytes(opened)


def glyphs_without_end() -> bytes:
    """Return a font that claims the most glyphs there can be."""
    tables = read_tables(latin())
    maxp = tables["maxp"]
    return write_tables({**tables, "maxp": maxp[:4] + b"\xff\xff" + maxp[6:]})


def truncated() -> bytes:
    return latin()[: len(latin()) // 2]


def overlapping() -> bytes:
    """Return a font in which one table's place is another's."""
    font = bytearray(latin())
    records = {bytes(font[at : at + 4]): at for at in range(12, 12 + 16 * font[5], 16)}
    here, there = records[b"GPOS"], records[b"GSUB"]
    font[here + 4 : here + 16] = font[there + 4 : there + 16]
    return bytes(font)


def wrong_checksum() -> bytes:
    font = bytearray(latin())
    at = font.index(b"glyf") + 8
    font[struct.unpack_from(">L", font, at)[0] + 40] ^= 0xFF
    return bytes(font)


def made_of_itself() -> bytes:
    def change(font: TTFont) -> None:
        _compose(font, "A", ["B"])
        _compose(font, "B", ["A"])

    return changed(change)


def heap_of_parts() -> bytes:
    """Return a font in which each of five glyphs is made of sixteen of the next."""

    def change(font: TTFont) -> None:
        for above, below in zip("ABCDE", "BCDEF", strict=True):
            _compose(font, above, [below] * 16)

    return changed(change)


def letters_without_end() -> bytes:
    """Return a font that claims a million letters, all of them drawn as one."""
    group = struct.pack(">LLL", 0x20, 0x10FFFF, 5)
    table = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + struct.pack(">HHLLL", 13, 0, 28, 0, 1) + group
    return write_tables({**read_tables(latin()), "cmap": table})


def charstring_without_end() -> bytes:
    """Return a CFF font whose letters call a subroutine that calls itself."""

    def change(font: TTFont) -> None:
        top = font["CFF "].cff.topDictIndex[0]
        loop = T2CharString(program=[-107, "callgsubr", "return"])
        font["CFF "].cff.GlobalSubrs.append(loop)
        for name in top.CharStrings.keys():  # noqa: SIM118 - no dictionary
            if name != ".notdef":
                top.CharStrings[name].setProgram([-107, "callgsubr", "endchar"])

    return changed(change, font=as_cff(latin()))


def letters_that_breed(tag: str = "ccmp") -> bytes:
    """Return a font that makes two of each letter, thirty times over."""
    lookups = "".join(f"lookup L{n} {{ sub a by a a; }} L{n};" for n in range(30))
    uses = "".join(f"lookup L{n};" for n in range(30))
    return changed(
        lambda font: addOpenTypeFeaturesFromString(
            font, f"{lookups} feature {tag} {{ {uses} }} {tag};", tables=["GSUB"]
        )
    )


def outline_outside_its_box() -> bytes:
    """Return a font whose A covers half the page and says that it is as small as ever."""

    def change(font: TTFont) -> None:
        glyph = font["glyf"]["A"]
        glyph.coordinates.scale((9, 9))

    return changed(change)


def called(name: str) -> bytes:
    return _saved(TTFont(io.BytesIO(latin())), name=name)


def licensed(bits: int, font: bytes | None = None) -> bytes:
    def change(font: TTFont) -> None:
        font["OS/2"].fsType = bits

    return changed(change, font=font)


@cache
def variable(*, cubic: bool = False) -> bytes:
    """Return the Latin font with weights from 200 to 900: heavy letters are wide ones."""
    source = TTFont(io.BytesIO(latin()), recalcBBoxes=False)
    names = source.getGlyphOrder()
    builder = FontBuilder(font=source)
    axes = [("wght", 200, 400, 900, "Weight"), ("opsz", 8, 12, 72, "Optical size")]
    builder.setupFvar(axes, [])
    if cubic:
        _vary_cubic(builder, names)
    else:
        builder.setupGvar({name: _wider(source, name) for name in names})
    return _bytes(builder.font)


def _wider(font: TTFont, name: str) -> list[TupleVariation]:
    """Return what happens to a letter on the way to the heaviest weight: all moves right."""
    count = len(font["glyf"]._getCoordinatesAndControls(name, font["hmtx"].metrics)[0])
    moves = [(0, 0)] * (count - 4) + [(0, 0), (200, 0), (0, 0), (0, 0)]
    return [TupleVariation({"wght": (0, 1, 1)}, moves)] if font["hmtx"][name][0] else []


def _vary_cubic(builder: FontBuilder, names: list[str]) -> None:
    """Give the font outlines of CFF2: every letter a box that grows with the weight."""
    region = {"wght": (0, 1, 1)}
    box = [*(50, 50, "rmoveto"), *(300, 200, 1, "blend", "hlineto"), *(500, "vlineto")]
    box += [*(-300, -200, 1, "blend", "hlineto")]
    for tag in ("glyf", "loca"):
        del builder.font[tag]
    builder.font.sfntVersion, builder.isTTF = "OTTO", False
    blank = {".notdef", "space", "uni00A0"}
    strings = {n: T2CharString(program=[] if n in blank else list(box)) for n in names}
    builder.setupCFF2(strings, regions=[region])
    builder.setupMaxp()


def axes_of_nothing() -> bytes:
    return write_tables({**read_tables(latin()), "fvar": bytes(16)})


def variations_without_end() -> bytes:
    """Return a variable font whose table of variations says that it goes on for ever."""
    tables = read_tables(variable())
    gvar = bytearray(tables["gvar"])
    struct.pack_into(">HHL", gvar, 4, 0xFFFF, 0xFFFF, 0xFFFFFFFF)
    return write_tables({**tables, "gvar": bytes(gvar)})


def woff(font: bytes | None = None) -> bytes:
    opened = TTFont(io.BytesIO(font or latin()), recalcBBoxes=False)
    opened.flavor = "woff"
    return _bytes(opened)


def woff_bomb() -> bytes:
    """Return a WOFF file of 16 KiB whose one table is 16 MiB of nothing, as it says."""
    whole = 16 * 1024**2
    return _woff_of(zlib.compress(bytes(whole), 9), whole)


def woff_that_lies() -> bytes:
    """Return a WOFF file whose table is a thousand times as long as it says."""
    return _woff_of(zlib.compress(bytes(16 * 1024**2), 9), 17_000)


def woff_cut() -> bytes:
    return woff()[: len(woff()) // 2]


def woff_with_another_table() -> bytes:
    """Return a WOFF file in which a letter's outline was changed."""
    content = bytearray(woff())
    entry = content.index(b"glyf")
    content[struct.unpack_from(">L", content, entry + 4)[0] + 900] ^= 0xFF
    return bytes(content)


def _woff_of(packed: bytes, whole: int) -> bytes:
    header = struct.pack(
        ">4sLLHHLHHLLLLL", b"wOFF", 0x10000, 64 + len(packed), 1, 0, whole, *[0] * 7
    )
    return header + struct.pack(">4sLLLL", b"glyf", 64, len(packed), whole, 0) + packed


def without_ink() -> bytes:
    """Return a font whose every letter is blank."""

    def change(font: TTFont) -> None:
        for name in font.getGlyphOrder():
            glyph = font["glyf"][name]
            glyph.numberOfContours = 0
            glyph.__dict__.pop("components", None)

    return changed(change)


def woff2_bomb() -> bytes:
    """Return the head of a WOFF2 file that promises four gigabytes."""
    return b"wOF2" + struct.pack(">LLHHLLHHLLLLL", 0x10000, 60, 1, 0, 2**32 - 1, 12, *[0] * 7)


def _compose(font: TTFont, name: str, parts: list[str]) -> None:
    glyph = font["glyf"][name]
    glyph.numberOfContours = -1
    glyph.components = []
    for part in parts:
        component = GlyphComponent()
        component.glyphName, component.x, component.y, component.flags = part, 0, 0, 0x0202
        glyph.components.append(component)
    glyph.__dict__.pop("coordinates", None)


def _cut(path: Path, letters: str) -> TTFont:
    font = TTFont(path)
    subsetter = Subsetter(Options(layout_features=_FEATURES, notdef_outline=True, glyph_names=True))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    return font


def _saved(font: TTFont, name: str = "Brand") -> bytes:
    font["name"] = newTable("name")
    font["name"].names = []
    for kind in (1, 4, 16):
        font["name"].setName(name, kind, 3, 1, 0x409)
    font["name"].setName("Brand-Regular", 6, 3, 1, 0x409)
    return _bytes(font)


def _bytes(font: Any) -> bytes:
    output = io.BytesIO()
    font.save(output)
    return output.getvalue()
