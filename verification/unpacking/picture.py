"""What a picture carries: a baked credential, or QR codes that were photographed."""

import io
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import zxingcpp
from PIL import Image, UnidentifiedImageError

from certificates.credential.baking import SIGNATURE, NotBaked, unbake
from verification.refusals import Refused, Why
from verification.unpacking.served import served
from verification.unpacking.text import MOST_CREDENTIAL, read_credential

PRELOAD = ("PIL.PngImagePlugin", "PIL.JpegImagePlugin", "PIL.WebPImagePlugin")
MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
_COMFORTABLE = 4000  # pixels: a larger photo is read smaller first
_OLDER_KEYWORD = b"openbadges"  # Open Badges 2, which others still bake
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,  # what Pillow raises for a broken PNG
    ValueError,
    struct.error,
)


def unpack_picture(content: bytes) -> dict[str, Any]:
    """Return the credential baked into a PNG, else the QR codes that a picture shows."""
    if content.startswith(SIGNATURE):
        baked = _baked(content)
        if baked is not None:
            return read_credential(baked) | {"carried": True}
    texts = codes_in(open_picture(content))
    if not texts:
        raise Refused(Why.NO_CODE_SEEN)
    return {"texts": texts}


def open_picture(content: bytes) -> Image.Image:
    """Return a picture in grey. Its size stands in the header: nothing large is unpacked."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                opened.draft("L", (_COMFORTABLE, _COMFORTABLE))
                return _on_white(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(Why.TOO_MANY_PIXELS) from error
    except _UNREADABLE as error:
        raise Refused(Why.DAMAGED) from error


def codes_in(picture: Image.Image) -> list[str]:
    """Return what the QR codes of a picture say, each once, in the order they are found."""
    found: list[str] = []
    if max(picture.size) > _COMFORTABLE:
        smaller = picture.copy()
        smaller.thumbnail((_COMFORTABLE // 2, _COMFORTABLE // 2))
        found = _read(smaller)
    return found or _read(picture)


def _read(picture: Image.Image) -> list[str]:
    read = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    return list(dict.fromkeys(each.text[:MOST_CREDENTIAL] for each in read if each.text))


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in grey, on the white that is behind what lets light through."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("L")
    return picture.convert("L")


def _baked(png: bytes) -> bytes | None:
    """Return the credential of a PNG, or nothing where it holds none."""
    try:
        return unbake(png).encode()
    except NotBaked:
        older = list(_older(png))
        return older[0] if len(older) == 1 else None


def _older(png: bytes) -> Iterator[bytes]:
    """Yield what stands in text chunks of Open Badges 2, so that its issuer can be named."""
    start = len(SIGNATURE)
    while start + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, start)
        data = png[start + 8 : start + 8 + length]
        keyword, _, text = data.partition(b"\x00")
        if png[start + 4 : start + 8] in {b"tEXt", b"iTXt"} and keyword == _OLDER_KEYWORD:
            yield text.lstrip(b"\x00")
        start += 12 + length


unpack = served(unpack_picture)
