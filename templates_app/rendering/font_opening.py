"""From a font as it came, wrapped for the web or variable, to the tables of one plain style.

Runs in the sandbox. WOFF 1.0 is opened here, table by table and never beyond what a font may
hold; HarfBuzz takes one style out of a variable font, cubic outlines (CFF2) too.
"""

import struct
import zlib

import uharfbuzz as hb

from templates_app.rendering.font_checks import MOST_TABLES, BadFont, glyph_count, sound_tables
from templates_app.rendering.sfnt import checksum_of, write_tables

MOST_OPENED = 8 * 1024 * 1024  # twice what an upload may be
_WOFF = b"wOFF"
_UNREADABLE = "The font is damaged: its variations cannot be read."
_VARIABLE = frozenset({"fvar", "CFF2"})
_HEADER, _ENTRY = 44, 20  # bytes, WOFF 1.0 §3 and §4


def static_tables(upload: bytes, *, weight: int) -> dict[str, bytes]:
    """Return the tables of a font, of a variable one those of a single style.

    `weight` is the one to take, or nought for the font's own. Raises BadFont.
    """
    tables = sound_tables(_unwrapped(upload) if upload.startswith(_WOFF) else upload)
    if tables.keys() & _VARIABLE:
        return sound_tables(_one_style(tables, weight))
    own = struct.unpack_from(">H", tables["OS/2"], 4)[0]
    if weight and weight != own:
        raise BadFont(f"The font is not variable: its one weight is {own}.")
    return tables


def _unwrapped(upload: bytes) -> bytes:
    """Return the font in a WOFF 1.0 file."""
    if len(upload) < _HEADER:
        raise BadFont("The font is damaged: it ends too early.")
    count = struct.unpack_from(">H", upload, 12)[0]
    end = _HEADER + _ENTRY * count
    if not 0 < count <= MOST_TABLES or end > len(upload):
        raise BadFont("The font is damaged: its list of tables is cut off or too long.")
    entries = [struct.unpack_from(">4s4L", upload, at) for at in range(_HEADER, end, _ENTRY)]
    if sum(whole for _, _, _, whole, _ in entries) > MOST_OPENED:
        raise BadFont(f"The font is larger than {MOST_OPENED // 1024**2} MiB when it is opened.")
    tables: dict[str, bytes] = {}
    for raw, offset, length, whole, wanted in entries:
        tag = raw.decode("latin-1")
        data = _inflated(upload[offset : offset + length], whole)
        if len(data) != whole or tag in tables or checksum_of(tag, data) != wanted:
            raise BadFont(f"The font is damaged: its table {tag.strip()!a} is not what it says.")
        tables[tag] = data
    return write_tables(tables)


def _inflated(data: bytes, whole: int) -> bytes:
    """Return a table; one that would not get smaller lies there as it is (§5)."""
    if len(data) >= whole:
        return data
    try:
        return zlib.decompressobj().decompress(data, whole + 1)
    except zlib.error:
        return b""


def _one_style(tables: dict[str, bytes], weight: int) -> bytes:
    """Return a static font: every axis at its default, but for the weight that was asked for."""
    face = hb.Face(hb.Blob(write_tables(tables)))
    axes = {axis.tag: axis for axis in face.axis_infos}
    # HarfBuzz passes over variations that do not fit, and would call a regular letter bold.
    if "gvar" in tables and tables["gvar"][4:6] + tables["gvar"][12:14] != struct.pack(
        ">HH", len(face.axis_infos), glyph_count(tables)
    ):
        raise BadFont(_UNREADABLE)
    choice = hb.SubsetInput()
    choice.keep_everything()
    choice.flags |= hb.SubsetFlags.DOWNGRADE_CFF2
    choice.pin_all_axes_to_default(face)
    if weight:
        axis = axes.get("wght")
        if axis is None or not axis.min_value <= weight <= axis.max_value:
            has = f"go from {axis.min_value:g} to {axis.max_value:g}" if axis else "do not vary"
            raise BadFont(f"The font has no weight {weight}: its weights {has}.")
        choice.pin_axis_location(face, "wght", weight)
    try:
        made = hb.subset(face, choice)
    except RuntimeError as error:
        raise BadFont(_UNREADABLE) from error
    if _VARIABLE & set(made.table_tags):
        raise BadFont(_UNREADABLE)
    return bytes(made.blob.data)
