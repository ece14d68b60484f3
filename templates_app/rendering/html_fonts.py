"""Fonts of a tenant's HTML: every family it names becomes one of ours, so that all are embedded."""

import hashlib
import html
import re
import struct
from collections.abc import Iterator

import uharfbuzz as hb

from templates_app.rendering.fonts import Face, FontSet
from templates_app.rendering.sfnt import read_tables, write_tables

_SERIFS = frozenset(
    "serif times georgia garamond cambria palatino baskerville didot bodoni cursive fantasy".split()  # noqa: SIM905
)
_BEFORE_FAMILY = (
    r"(font-family\s*:\s*)",
    r"(\bfont\s*:\s*[^;}\"']*?\d(?:pt|px|mm|cm|in|em|rem|pc|%)(?:\s*/\s*[\w.%]+)?\s+)",
)
_IN_CSS = tuple(re.compile(start + r"([^;}!]+)", re.IGNORECASE) for start in _BEFORE_FAMILY)
_IN_TAGS = (
    *(re.compile(start + r"([^;}!\"<>]+)", re.IGNORECASE) for start in _BEFORE_FAMILY),
    re.compile(r"(\bface=\")([^\"]+)", re.IGNORECASE),
)
_STYLES = (("normal", 400, False), ("bold", 700, False), ("normal", 400, True), ("bold", 700, True))


def ours(name: str, fonts: FontSet) -> str:
    """Return the family of ours that stands for the first name of a CSS list."""
    wanted = [each.strip().strip("\"'").casefold() for each in name.split(",")]
    known = {family.casefold(): family for family in fonts.families()}
    for each in wanted:
        if each in known:
            return known[each]
        if each in {"sans-serif", "arial", "helvetica", "verdana"}:
            return "Noto Sans"
        if _SERIFS & set(re.split(r"[\s-]+", each)):
            return "Noto Serif"
    return "Noto Sans"


def with_our_fonts(body: str, css: str, fonts: FontSet) -> tuple[str, str, dict[str, bytes]]:
    """Return body and CSS with our families, and the font files they need by file name."""
    used = {"Noto Sans"}

    def replace(match: re.Match[str]) -> str:
        family = ours(html.unescape(match[2]), fonts)
        used.add(family)
        return match[1] + _name(family)

    for pattern in _IN_CSS:
        css = pattern.sub(replace, css)
    for pattern in _IN_TAGS:
        body = pattern.sub(replace, body)
    rules, files = [], {}
    for family in sorted(used):
        for weight, number, italic in _STYLES:
            face = fonts.nearest(family, weight=number, italic=italic)
            if face is None:
                continue
            file = f"{_name(family)}-{number}{'i' * italic}.ttf"
            files[file] = stand_in(face.content) if face.is_cff else face.content
            slant = "italic" if italic else "normal"
            rules.append(
                f"@font-face{{font-family:{_name(family)};font-weight:{weight};"
                f"font-style:{slant};src:url({file})}}"
            )
    everywhere = f"html,body,pre,code,tt,table,td,th{{font-family:{_name('Noto Sans')}}}"
    return body, "".join(rules) + everywhere + css, files


def by_print_name(fonts: FontSet) -> dict[str, Face]:
    """Return the faces by the PostScript name that a PDF calls them."""
    return {name: face for face in fonts.faces for name in _print_names(face)}


def _print_names(face: Face) -> Iterator[str]:
    found = face.hb_face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)
    if found:
        yield str(found)


def stand_in(font: bytes) -> bytes:
    """Return a font as wide as one with cubic outlines, which reportlab does not read, and blank.

    Its words are only laid out with it; they are drawn by what draws names.
    """
    tables = {tag: data for tag, data in read_tables(font).items() if tag != "CFF "}
    count = struct.unpack_from(">H", tables["maxp"], 4)[0]
    head = bytearray(tables["head"])
    struct.pack_into(">h", head, 50, 1)  # long offsets
    return write_tables(
        {
            **tables,
            "head": bytes(head),
            "maxp": struct.pack(">LH13H", 0x10000, count, *[0] * 13),
            "glyf": bytes(4),
            "loca": bytes(4 * (count + 1)),
        }
    )


def _name(family: str) -> str:
    """Return a name of letters alone, since xhtml2pdf changes others."""
    digits = hashlib.sha256(family.encode()).hexdigest()[:8]
    return "ours" + digits.translate(str.maketrans("0123456789", "ghijklmnop"))
