"""A design's image as the objects a PDF holds it in: no finer than print needs, and small."""

import io
import re
import zlib

from PIL import Image, ImageChops

from templates_app.rendering.pdf_writer import Objects

_DPI = 270
_MOST_COLOURS = 256
_UNSEEN = 16  # of 255, at the worst pixel: differences below this are not seen
_ALPHA_STEPS = 15
_SOLID = 224
# A photograph; deflated it would be many times larger than as JPEG.
_LONG = 100_000
_JPEG_QUALITY = 88


def open_image(content: bytes) -> Image.Image:
    """Return a PNG or JPEG; raises what Pillow raises for anything else."""
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as opened:
        return opened.convert("RGBA")


def shrink(image: Image.Image, *, width: float, height: float) -> Image.Image:
    """Return an image at 270 dots an inch at most, for a place in millimetres."""
    scale = min(1, max(width / 25.4 * _DPI / image.width, height / 25.4 * _DPI / image.height))
    if scale == 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def write_image(objects: Objects, image: Image.Image) -> int:
    """Write an RGBA image and return its number (ISO 32000-2 §8.9)."""
    alpha = image.getchannel("A")
    entries = b""
    if alpha.getextrema() != (255, 255):
        entries = b"/SMask %d 0 R" % _write_alpha(objects, alpha)
    space, bits, data = _pixels(image)
    if len(data) > _LONG:
        output = io.BytesIO()
        image.convert("RGB").save(output, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        space, bits, data = b"/DeviceRGB/Filter/DCTDecode", 8, output.getvalue()
    else:
        space += b"/Filter/FlateDecode"
    return _write(objects, image.size, space, bits=bits, data=data, entries=entries)


def _pixels(image: Image.Image) -> tuple[bytes, int, bytes]:
    """Return colour space, bits and deflated pixels: with a palette where nobody could tell."""
    colours = image.convert("RGB")
    solid = _solid_part(image, colours)
    for most in (2, 4, 16, 64, _MOST_COLOURS):
        palette = solid.quantize(most, method=Image.Quantize.FASTOCTREE)
        indexed = colours.quantize(palette=palette, dither=Image.Dither.NONE)
        if _looks_alike(image, indexed.convert("RGB")):
            table = bytes(indexed.getpalette() or [])[: 3 * most]
            last, bits = len(table) // 3 - 1, {2: 1, 4: 2, 16: 4}.get(most, 8)
            space = b"[/Indexed/DeviceRGB %d<%b>]" % (last, table.hex().encode("ascii"))
            return space, bits, zlib.compress(_packed(indexed, bits), 9)
    return b"/DeviceRGB", 8, zlib.compress(colours.tobytes(), 9)


def _solid_part(image: Image.Image, colours: Image.Image) -> Image.Image:
    """Return the pixels a palette is made from, in any order.

    Under faint pixels resampling leaves noise, which nobody sees and every file would carry.
    """
    solid = image.getchannel("A").point(lambda value: 255 * (value >= _SOLID)).tobytes()
    pixels = colours.tobytes()
    kept = b"".join(
        pixels[3 * run.start() : 3 * run.end()] for run in re.finditer(rb"\xff+", solid)
    )
    return Image.frombytes("RGB", (len(kept) // 3, 1), kept) if kept else colours


def _looks_alike(image: Image.Image, other: Image.Image) -> bool:
    """Say whether other colours under the image's own transparency look the same."""
    difference = ImageChops.difference(image.convert("RGB"), other)
    alpha = Image.merge("RGB", [image.getchannel("A")] * 3)
    seen = ImageChops.multiply(difference, alpha).getextrema()
    return max(high for _, high in seen) <= _UNSEEN  # type: ignore[misc]


def _write_alpha(objects: Objects, alpha: Image.Image) -> int:
    """Write transparency in sixteen steps: more cannot be told at the edge of a letter."""
    steps = alpha.point(lambda value: round(value * _ALPHA_STEPS / 255))
    data = zlib.compress(_packed(steps, 4), 9)
    return _write(
        objects, alpha.size, b"/DeviceGray/Filter/FlateDecode", bits=4, data=data, entries=b""
    )


def _write(
    objects: Objects, size: tuple[int, int], space: bytes, *, bits: int, data: bytes, entries: bytes
) -> int:
    return objects.add(
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d/ColorSpace%b%b"
        b"/Length %d>>stream\n%b\nendstream" % (*size, bits, space, entries, len(data), data)
    )


def _packed(image: Image.Image, bits: int) -> bytes:
    """Return rows of values of so many bits, each row ending on a byte."""
    pixels, wide = image.tobytes(), image.width
    if bits == 8:  # noqa: PLR2004 - a byte each
        return pixels
    share = 8 // bits
    rows = []
    for top in range(0, len(pixels), wide):
        row = pixels[top : top + wide] + bytes(-wide % share)
        packed = bytearray(len(row) // share)
        for place in range(share):
            shift = 8 - bits * (place + 1)
            for at, value in enumerate(row[place::share]):
                packed[at] |= value << shift
        rows.append(bytes(packed))
    return b"".join(rows)
