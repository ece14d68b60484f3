"""Take a stranger's font apart and build it anew; runs in the sandbox and nowhere else.

What comes out has the tables that drawing needs, each written by HarfBuzz from what it understood
of the upload, a name table of our own and no programs. What cannot be trusted is refused in words.
"""

import hashlib
import struct
from pathlib import Path
from typing import Any
from unicodedata import category

import uharfbuzz as hb

from templates_app.rendering import font_facts
from templates_app.rendering.font_checks import BadFont, check_composites
from templates_app.rendering.font_opening import static_tables
from templates_app.rendering.font_trial import try_outlines
from templates_app.rendering.fonts import is_ignorable
from templates_app.rendering.sfnt import read_tables, write_tables

FILE = "upload.font"
_KEPT = frozenset({*"head hhea maxp hmtx cmap glyf loca GSUB GPOS GDEF post OS/2".split(), "CFF "})  # noqa: SIM905
_MOST_LETTERS = 70_000
_INKED = "LNPS"  # general categories of what leaves ink
_MARKS = range(0x0300, 0x0370)


def clean(request: dict[str, Any], folder: Path) -> tuple[dict[str, Any], bytes]:
    """Serve an upload inside a sandbox: facts and the new file, or why it is refused."""
    try:
        return _cleaned((folder / FILE).read_bytes(), request["family"], request["weight"])
    except BadFont as refusal:
        return {"refused": str(refusal)}, b""


def _cleaned(upload: bytes, family: str, weight: int) -> tuple[dict[str, Any], bytes]:
    tables = static_tables(upload, weight=weight)
    if "glyf" in tables:
        check_composites(tables)
    facts = font_facts.named(hb.Face(hb.Blob(write_tables(tables))), tables, family=family)
    made = _rebuilt(tables, facts["family"], upload + (b"%d" % weight if weight else b""))
    facts |= font_facts.drawn(hb.Font(hb.Face(hb.Blob(made))))
    if not facts["scripts"]:
        raise BadFont("The font has no script’s letters complete, so that no name needs it.")
    return facts, made


def _rebuilt(tables: dict[str, bytes], family: str, seed: bytes) -> bytes:
    """Return a font of what HarfBuzz understands and drawing needs; files name it by its seed."""
    face = hb.Face(
        hb.Blob(write_tables({tag: data for tag, data in tables.items() if tag in _KEPT}))
    )
    letters = face.unicodes
    if len(letters) > _MOST_LETTERS:
        raise BadFont(f"The font claims {len(letters):,} letters; at most {_MOST_LETTERS:,}.")
    font = hb.Font(face)
    wanted = [code for code in letters if _is_drawn(font, code)]
    choice = hb.SubsetInput()
    choice.unicode_set.update(wanted)
    choice.layout_feature_tag_set.clear()
    choice.layout_feature_tag_set.invert()  # all, small capitals and old figures too
    choice.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.DESUBROUTINIZE
    try:
        made = read_tables(bytes(hb.subset(face, choice).blob.data))
    except (RuntimeError, struct.error) as error:
        raise BadFont("The font is damaged: its outlines cannot be read.") from error
    print_name = "Own" + hashlib.sha256(family.encode() + seed).hexdigest()[:16]
    rebuilt = write_tables({**made, "name": _names(family, print_name)})
    try_outlines(rebuilt)
    return rebuilt


def _is_drawn(font: hb.Font, code: int) -> bool:
    """Say whether a letter is one for names, and is not left blank where it should be seen."""
    letter = chr(code)
    kind = category(letter)
    if kind in {"Cc", "Cn", "Co", "Cs"}:
        return False
    if is_ignorable(letter) or (kind[0] not in _INKED and code not in _MARKS):
        return True
    if _has_ink(font, font.get_nominal_glyph(code)):
        return True
    buffer = hb.Buffer()  # a letter may be put together of its parts
    buffer.add_codepoints([code])
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    return any(_has_ink(font, info.codepoint) for info in buffer.glyph_infos)


def _has_ink(font: hb.Font, gid: int | None) -> bool:
    box = font.get_glyph_extents(gid) if gid else None
    return box is not None and bool(box.width and box.height)


def _names(family: str, print_name: str) -> bytes:
    """Return a name table of our own (OpenType 1.9, name): nothing of the upload's is kept."""
    texts = {1: family, 2: "Regular", 4: family, 6: print_name}
    records, storage = b"", b""
    for kind, text in texts.items():
        data = text.encode("utf-16-be")
        records += struct.pack(">6H", 3, 1, 0x409, kind, len(data), len(storage))
        storage += data
    return struct.pack(">3H", 0, len(texts), 6 + len(records)) + records + storage
