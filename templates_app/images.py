"""Take an uploaded image in: check its limits, strip what is not picture, write it anew."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

PRELOAD = ("PIL.PngImagePlugin", "PIL.JpegImagePlugin")
MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 10_000_000
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,  # what Pillow raises for a broken PNG
    ValueError,
)


class BadImage(ValueError):
    """An upload that is refused, with the reason for the person who made it."""


@dataclass(frozen=True)
class Picture:
    """A clean image."""

    content: bytes
    content_type: str
    width: int
    height: int


def reencode(upload: bytes, *, trim: bool = True) -> Picture:
    """Return the picture as fresh PNG, without metadata and, if asked, without empty margins."""
    if len(upload) > MOST_BYTES:
        raise BadImage(f"The image is larger than {MOST_BYTES // 1024 // 1024} MiB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=["PNG", "JPEG"]) as opened:
                # The size stands in the header: nothing is unpacked before it is known.
                pixels = opened.width * opened.height
                image = opened.convert("RGBA") if pixels <= MOST_PIXELS else None
    except _UNREADABLE as error:
        raise BadImage("The file is not a PNG or JPEG image that can be read.") from error
    if image is None:
        raise BadImage(f"The image has more than {MOST_PIXELS:,} pixels.")
    if trim:
        # Margins would put a logo off the axis it is aligned to.
        image = image.crop(image.getbbox(alpha_only=True))
    output = io.BytesIO()
    image.save(output, "PNG", optimize=True)
    return Picture(output.getvalue(), "image/png", image.width, image.height)


def reencode_all(request: dict[str, Any], folder: Path) -> tuple[dict[str, Any], bytes]:
    """Serve uploads inside a sandbox: size, width and height of each, or which one is refused."""
    pictures = []
    for index, (name, trim) in enumerate(zip(request["names"], request["trim"], strict=True)):
        try:
            pictures.append(reencode((folder / f"{index}.img").read_bytes(), trim=trim))
        except BadImage as refusal:
            return {"refused": f"{name}: {refusal}"}, b""
    facts = [(len(each.content), each.width, each.height) for each in pictures]
    return {"pictures": facts}, b"".join(each.content for each in pictures)
