"""From what somebody holds to the signed text in it. Nothing is judged, and nothing believed."""

import io
import re

import pikepdf

from certificates.credential.baking import NotBaked, unbake
from certificates.files import SIGNED
from signing import jws
from verification import scanning
from verification.scanning import NotScanned

SIZE_LIMIT = 20 * 1024 * 1024
_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
# Where pages have places of their own: no statement is so short and plain.
_ANCHOR = re.compile(r"[a-z][a-z-]{0,30}")


class CannotCheck(ValueError):
    """There is nothing here that this installation could judge. No verdict, and no good one."""


def is_document(text: str) -> bool:
    """Say whether a text means to be a compact JWS: three parts, the first a JSON object."""
    return text.count(".") == 2 and text.startswith("ey")  # noqa: PLR2004 - two dots


def split_statement(text: str) -> tuple[str, str]:
    """Return the link and the signed statement behind it, which may be nothing."""
    link, _, statement = text.strip().partition("#")
    return link, "" if _ANCHOR.fullmatch(statement) else statement


def is_picture(content: bytes) -> bool:
    """Say whether a file is a picture, which may show a code."""
    return content.startswith((_PNG, _JPEG))


def text_of(content: bytes) -> str | None:
    """Return the text that a file is, or None for one that shows a page. Raises CannotCheck."""
    if len(content) > SIZE_LIMIT:
        raise CannotCheck(f"The file is larger than {SIZE_LIMIT:,} bytes.")
    if content.startswith(_PDF) or is_picture(content):
        return None
    return _text(content)


def document_in(page: bytes) -> str:
    """Return the signed document that a PDF or a picture carries, or nothing.

    Raises CannotCheck.
    """
    return _attached(page) if page.startswith(_PDF) else _baked(page)


def code_in(picture: bytes) -> str:
    """Return what the QR code in a picture says. Raises CannotCheck."""
    try:
        return scanning.scan(picture)
    except NotScanned as error:
        raise CannotCheck(str(error)) from error


def _attached(pdf: bytes) -> str:
    """Return the credential attached to a PDF, or nothing."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if SIGNED not in document.attachments:
                return ""
            stream = document.attachments[SIGNED].obj["/EF"]["/F"]
            # One filter makes of so little a few megabytes; two in a row fill any memory.
            filters = stream.get("/Filter")
            several = isinstance(filters, pikepdf.Array) and len(filters) > 1
            if several or len(stream.read_raw_bytes()) > jws.MAX_LENGTH:
                raise CannotCheck("The credential in the PDF is too long.")
            return _text(stream.read_bytes())
    except (pikepdf.PdfError, pikepdf.PasswordError, KeyError, TypeError, ValueError) as error:
        raise CannotCheck(f"The PDF cannot be read: {error}") from error


def _baked(png: bytes) -> str:
    """Return the credential baked into a PNG, or nothing."""
    try:
        return unbake(png).strip()
    except NotBaked:
        return ""


def _text(content: bytes) -> str:
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise CannotCheck("This is no PDF, no PNG, no JPEG and no signed document.") from error
    if text.startswith("{"):
        raise CannotCheck("A JSON document without its signature cannot be checked.")
    return text
