"""Put a credential into a PNG or SVG and take it out again (Open Badges 3.0, baking).

The PNG chunk is inserted into the finished bytes: the picture is never decoded and encoded again.
"""

import struct
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
SVG_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_CHUNK_LIMIT = 1 << 24


class NotBaked(ValueError):
    """Bytes that are no PNG, or a PNG without exactly one credential."""


def bake(png: bytes, credential: str) -> bytes:
    """Return the PNG with the credential in one uncompressed iTXt chunk before the image data."""
    if any(keyword == KEYWORD for keyword, _ in _texts(png)):
        raise NotBaked("the picture holds a credential already")
    # PNG specification 11.3.4.5: keyword, 0, compression flag 0, method 0, language, keyword.
    data = KEYWORD + b"\x00\x00\x00\x00\x00" + credential.encode()
    chunk = _chunk(b"iTXt", data)
    place = next(start for start, kind, _ in _chunks(png) if kind == b"IDAT")
    return png[:place] + chunk + png[place:]


def bake_svg(svg: str, compact: str) -> str:
    """Return the SVG with the compact JWS in its first child (Open Badges 3.0, baking an SVG)."""
    if SVG_NAMESPACE in svg:
        raise NotBaked("the picture holds a credential already")
    start = svg.find("<svg ")
    end = svg.find(">", start)
    if start < 0 or end < 0:
        raise NotBaked("this is not an SVG")
    name = f'<svg xmlns:openbadges="{SVG_NAMESPACE}" '
    held = f"<openbadges:credential verify={quoteattr(compact)}/>"
    return svg[:start] + name + svg[start + 5 : end + 1] + held + svg[end + 1 :]


def unbake(png: bytes) -> str:
    """Return the one credential a PNG holds."""
    found = [text for keyword, text in _texts(png) if keyword == KEYWORD]
    if len(found) != 1:
        raise NotBaked(f"the picture holds {len(found)} credentials")
    try:
        return found[0].decode()
    except UnicodeDecodeError as error:
        raise NotBaked("the credential in the picture is not UTF-8") from error


def _texts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    for _, kind, data in _chunks(png):
        if kind == b"iTXt":
            keyword, _, rest = data.partition(b"\x00")
            if rest[:1] == b"\x00" and rest[2:].count(b"\x00") >= 2:  # noqa: PLR2004
                _language, _, after = rest[2:].partition(b"\x00")
                _translated, _, text = after.partition(b"\x00")
                yield keyword, text


def _chunks(png: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    if not png.startswith(SIGNATURE):
        raise NotBaked("this is not a PNG")
    start = len(SIGNATURE)
    while start + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, start)
        if length > _CHUNK_LIMIT or start + 12 + length > len(png):
            raise NotBaked("the PNG is damaged")
        yield start, png[start + 4 : start + 8], png[start + 8 : start + 8 + length]
        start += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
