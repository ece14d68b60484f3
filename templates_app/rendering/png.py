"""PDFium's door: a finished page as a picture, or the ink of a page put on one."""

import ctypes
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image
from pypdfium2 import raw as pdfium

_WIDEST = 4000
# PDFium keeps global state: one thread of a process at a time.
_PDFIUM = threading.Lock()


def render_png(*, pdf: bytes, width: int = 1600) -> bytes:
    """Return the first page as PNG in full colour, `width` pixels wide: any page, slowly.

    What `picture` makes of a certificate must look the same.
    """
    if not 1 <= width <= _WIDEST:
        raise ValueError(f"width must be 1 to {_WIDEST} pixels")
    image = rasterise(pdf, width).convert("RGB")
    output = io.BytesIO()
    # Level 3 takes two thirds of the time of level 6 for a twentieth more bytes.
    image.save(output, "PNG", optimize=False, compress_level=3)
    return output.getvalue()


def rasterise(pdf: bytes, width: int) -> Image.Image:
    """Return the first page with its transparency, `width` pixels wide."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[0]
            scale = width / page.get_width()
            bitmap = page.render(scale=scale, fill_color=(255, 255, 255, 0))
            image: Image.Image = bitmap.to_pil().convert("RGBA")
        finally:
            document.close()
    return image


@dataclass(frozen=True)
class Piece:
    """A part of a page that is drawn on a ground from row `row` on; the rest in page pixels."""

    row: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Ground:
    """A picture in RGB that gets pieces of a page, the whole page being `page_size` pixels."""

    picture: Image.Image
    pieces: Sequence[Piece]
    page_size: tuple[int, int]


def put_ink(pdf: bytes, grounds: Sequence[Ground]) -> list[Image.Image]:
    """Return the grounds with the ink of a PDF's first page on them."""
    inked = []
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[0]  # kept: PDFium closes a page that nobody holds
            for ground in grounds:
                pixels = bytearray(ground.picture.tobytes("raw", "RGBX"))
                for piece in ground.pieces:
                    _draw(page, piece, pixels, ground)
                size = ground.picture.size
                inked.append(Image.frombytes("RGB", size, pixels, "raw", "RGBX"))
        finally:
            document.close()
    return inked


def _draw(page: pypdfium2.PdfPage, piece: Piece, pixels: bytearray, ground: Ground) -> None:
    stride = ground.picture.width * 4
    buffer = (ctypes.c_ubyte * (stride * piece.height)).from_buffer(pixels, stride * piece.row)
    bitmap = pdfium.FPDFBitmap_CreateEx(
        piece.width, piece.height, pdfium.FPDFBitmap_BGRx, buffer, stride
    )
    try:
        pdfium.FPDF_RenderPageBitmap(
            bitmap,
            page.raw,
            -piece.left,
            -piece.top,
            *ground.page_size,
            0,
            pdfium.FPDF_REVERSE_BYTE_ORDER,
        )
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
