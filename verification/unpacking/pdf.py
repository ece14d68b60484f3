"""What a PDF carries: an attached credential, the words of its pages, QR codes. Runs in a child."""

import io
from collections.abc import Iterator
from typing import Any, Self

import pikepdf
import pypdfium2
from PIL import Image

from verification.refusals import Refused, Why
from verification.unpacking import picture
from verification.unpacking.served import served
from verification.unpacking.text import MOST_CREDENTIAL, codes_printed, read_credential

PRELOAD = picture.PRELOAD
_ATTACHED = ("credential.jws", "credential.json")
_PAGES = 20  # of what people merge, the first; a certificate has one
_PAGES_SCANNED = 5
_LETTERS = 20_000  # of a page
_SCAN_WIDTH = 2400  # pixels: modules of a QR code of 20 mm are six pixels wide
_BROKEN = (pikepdf.PdfError, pypdfium2.PdfiumError, KeyError, TypeError, ValueError, RuntimeError)


def unpack_pdf(content: bytes) -> dict[str, Any]:
    """Return the credential a PDF carries, else the codes its text shows, else its QR codes."""
    found = _attached(content)
    if found:
        return found
    with Pages(content) as pages:
        texts = codes_printed(" ".join(pages.text(index) for index in range(pages.read)))
        scanned: list[str] = []
        if not texts:
            for index in range(min(pages.read, _PAGES_SCANNED)):
                scanned += picture.codes_in(pages.picture(index, width=_SCAN_WIDTH))
    if not texts and not scanned:
        raise Refused(Why.NOTHING_INSIDE)
    return {"texts": texts or scanned}


def is_active(content: bytes) -> bool:
    """Say whether a PDF may show something else than its pages do here: scripts, layers, forms."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            root = document.Root
            opening = root.get("/OpenAction")
            acts = isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo"
            scripted = "/JavaScript" in root.get("/Names", {})
            return acts or scripted or any(key in root for key in ("/AA", "/OCProperties"))
    except _BROKEN:
        return True


def _attached(content: bytes) -> dict[str, Any]:
    """Return the credential attached to a PDF, the compact one first, or nothing."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            for name in _ATTACHED:
                if name in document.attachments:
                    stream = document.attachments[name].obj["/EF"]["/F"]
                    return read_credential(_bytes(stream)) | {"carried": True}
            return {}
    except pikepdf.PasswordError as error:
        raise Refused(Why.LOCKED) from error
    except _BROKEN as error:
        raise Refused(Why.DAMAGED) from error


def _bytes(stream: Any) -> bytes:
    """Unpack one attachment. One filter makes of so little a few megabytes; two fill any memory."""
    filters = stream.get("/Filter")
    several = isinstance(filters, pikepdf.Array) and len(filters) > 1
    if several or len(stream.read_raw_bytes()) > MOST_CREDENTIAL:
        raise Refused(Why.TOO_MUCH_WORK)
    content: bytes = stream.read_bytes()
    return content


class Pages:
    """The pages of a PDF as they are seen: words within the page, and pictures of it."""

    def __init__(self, content: bytes) -> None:
        try:
            self._document = pypdfium2.PdfDocument(content)
            self.number = len(self._document)
            self._document.init_forms()  # what is written into a form is seen too
        except _BROKEN as error:
            raise Refused(Why.DAMAGED) from error
        if not self.number:
            raise Refused(Why.DAMAGED)
        self.read = min(self.number, _PAGES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def text(self, index: int) -> str:
        """Return the words of a page, lines apart."""
        try:
            text: str = self._document[index].get_textpage().get_text_bounded()
        except _BROKEN as error:
            raise Refused(Why.DAMAGED) from error
        return text[:_LETTERS]

    def texts(self) -> Iterator[str]:
        """Yield the words of each page that is read."""
        for index in range(self.read):
            yield self.text(index)

    def picture(self, index: int, *, width: int) -> Image.Image:
        """Return a page in grey, its longer side `width` pixels."""
        try:
            page = self._document[index]
            longest = max(page.get_size())
            if longest <= 0:
                raise Refused(Why.DAMAGED)
            drawn: Image.Image = page.render(scale=width / longest, grayscale=True).to_pil()
        except _BROKEN as error:
            raise Refused(Why.DAMAGED) from error
        return drawn.convert("L")


unpack = served(unpack_pdf)
