"""PNG out of bands of rows: deflated one by one, kept, and spliced into one stream.

A band ends in a full flush, so what follows it never refers back to it (RFC 1951 §3.2.4,
zlib's Z_FULL_FLUSH), and its rows are filtered without the row above the band.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops

isal: Any
try:
    from isal import isal_zlib as isal
except ImportError:  # no wheel for this machine: zlib takes five times as long
    isal = None
_sums: Any = isal or zlib  # the same sums, in a fifth of the time

ROWS = 32
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ADLER = 65521
_FILTER_SUB = 1
_COLOUR_TYPES = {"P": 3, "RGB": 2}


@dataclass(frozen=True)
class Band:
    """Some rows, deflated."""

    data: bytes
    adler: int
    size: int  # of what was deflated


def pack_all(picture: Image.Image) -> tuple[Band, ...]:
    """Deflate a whole picture, band by band, as small as can be."""
    tops = range(0, picture.height, ROWS)
    return tuple(pack(picture, top, min(top + ROWS, picture.height), best=True) for top in tops)


def pack(picture: Image.Image, top: int, bottom: int, *, best: bool = False) -> Band:
    """Deflate some rows: fast, or as small as can be for what is kept."""
    rows = _scanlines(picture, top, bottom)
    if best or isal is None:
        deflater: Any = zlib.compressobj(9 if best else 2, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    else:
        deflater = isal.compressobj(2, isal.DEFLATED, -zlib.MAX_WBITS)
    data = deflater.compress(rows) + deflater.flush(zlib.Z_FULL_FLUSH)
    return Band(data, _sums.adler32(rows), len(rows))


def splice(bands: Iterable[Band]) -> bytes:
    """Return one zlib stream (RFC 1950) of bands in their order."""
    parts, adler = [b"\x78\x01"], 1
    for band in bands:
        parts.append(band.data)
        adler = combine(adler, band.adler, band.size)
    return b"".join([*parts, b"\x03\x00", struct.pack(">I", adler)])


def combine(first: int, second: int, size: int) -> int:
    """Return the Adler-32 of two stretches one after the other; `size` is that of the second."""
    low, second_low = first & 0xFFFF, second & 0xFFFF
    high = (first >> 16) + (second >> 16) + size * (low - 1)
    return (high % _ADLER) << 16 | (low + second_low - 1) % _ADLER


def assemble(
    picture: Image.Image, bands: Iterable[Band], *, per_metre: int, texts: Mapping[str, str]
) -> bytes:
    """Return the PNG file. `picture` says size and palette, the bands hold the rows.

    `per_metre` is the resolution in pixels, `texts` what the file says of itself, by keyword.
    """
    mode = _COLOUR_TYPES[picture.mode]
    size = struct.pack(">IIBBBBB", picture.width, picture.height, 8, mode, 0, 0, 0)
    parts = [_SIGNATURE, _chunk(b"IHDR", size), _chunk(b"sRGB", b"\x00")]
    if picture.mode == "P":
        parts.append(_chunk(b"PLTE", bytes(picture.getpalette("RGB") or ())))
    parts.append(_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)))
    for keyword, text in texts.items():
        # Keyword, no compression, no language, no translated keyword (PNG 11.3.4.5).
        parts.append(_chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode()))
    return b"".join([*parts, _chunk(b"IDAT", splice(bands)), _chunk(b"IEND", b"")])


def _scanlines(picture: Image.Image, top: int, bottom: int) -> bytes:
    """Return rows as PNG stores them, each behind its filter: none of them looks upwards."""
    if picture.mode == "P":
        # The column gained holds zeros: no filter.
        return picture.crop((-1, top, picture.width, bottom)).tobytes()
    rows = picture.crop((0, top, picture.width, bottom))
    width, height = rows.width * 3, rows.height
    flat = Image.frombytes("L", (width, height), rows.tobytes())
    left = flat.crop((-3, 0, width - 3, height))
    filtered = Image.new("L", (width + 1, height), _FILTER_SUB)
    filtered.paste(ImageChops.subtract_modulo(flat, left), (1, 0))
    return filtered.tobytes()


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = _sums.crc32(data, _sums.crc32(kind))
    return b"".join([struct.pack(">I", len(data)), kind, data, struct.pack(">I", checked)])
