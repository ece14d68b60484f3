"""What a font says of itself, as far as it is believed, and what it can really draw."""

import re
import struct
from collections import Counter
from collections.abc import Mapping
from typing import Any
from unicodedata import category

import uharfbuzz as hb

from templates_app.rendering import exemplars, itemise
from templates_app.rendering.font_checks import BadFont

# In CSS, in PDF and on pages such a name means nothing but itself.
FAMILY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,58}[A-Za-z0-9]")
_MOST_GLYPHS_A_LETTER = 8
_ITALIC = 1
_DOTTED_CIRCLE = 0x25CC
_HEAVIEST = 900


def named(face: hb.Face, tables: Mapping[str, bytes], *, family: str) -> dict[str, Any]:
    """Return family, weight and slant; `family` is what the uploader calls it, or empty."""
    called = family or _name(face)
    if not FAMILY.fullmatch(called):
        raise BadFont(
            "The font’s name is not one that designs can use. Type a family name of Latin "
            "letters, digits, spaces and hyphens, up to 60 of them."
        )
    weight = struct.unpack_from(">H", tables["OS/2"], 4)[0]
    selection = struct.unpack_from(">H", tables["OS/2"], 62)[0]
    return {
        "family": called,
        "weight": min(_HEAVIEST, max(100, round(weight / 100) * 100)),
        "italic": bool(selection & _ITALIC),
    }


def drawn(font: hb.Font) -> dict[str, Any]:
    """Return how many letters there are of each script, and the scripts that come out right."""
    letters = [chr(code) for code in font.face.unicodes]
    counted = Counter(itemise.script_of(each) for each in letters if category(each)[0] in "LM")
    return {
        "glyphs": font.face.glyph_count,
        "letters": {code: counted[code] for code in sorted(exemplars.WORDS) if counted[code]},
        "scripts": [
            code
            for code, words in sorted(exemplars.WORDS.items())
            if all(_draws(font, word, code) for word in words)
        ],
    }


def _name(face: hb.Face) -> str:
    for kind in (hb.OTNameIdPredefined.TYPOGRAPHIC_FAMILY, hb.OTNameIdPredefined.FONT_FAMILY):
        if found := face.get_name(kind):
            return str(found).strip()
    return ""


def _draws(font: hb.Font, word: str, script: str) -> bool:
    """Say whether shaping a word leaves no letter out; refuse a font that makes heaps of it."""
    if not all(font.get_nominal_glyph(ord(letter)) for letter in word if category(letter) != "Cf"):
        return False
    buffer = hb.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    try:
        hb.shape(font, buffer)
    except MemoryError as error:  # what HarfBuzz calls it when it gives up on a loop
        raise BadFont(f"The font makes glyphs without end of “{word}”.") from error
    glyphs = [info.codepoint for info in buffer.glyph_infos]
    if len(glyphs) > _MOST_GLYPHS_A_LETTER * len(word):
        raise BadFont(
            f"The font turns {len(word)} letters ({itemise.name_of(script, word[0])}) into "
            f"{len(glyphs):,} glyphs."
        )
    return 0 not in glyphs and font.get_nominal_glyph(_DOTTED_CIRCLE) not in glyphs[1:]
