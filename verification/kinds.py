"""What a file is, by its first bytes: whatever its name or label says, and before any parsing."""

from enum import StrEnum

from verification.refusals import Refused, Why

_PDF = b"%PDF-"
_PDF_WITHIN = 1024  # bytes: so late do readers find a PDF's beginning
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_BLANK = b"\xef\xbb\xbf \t\r\n"
_HEAD = 4096


class Kind(StrEnum):
    """Each is read by the module of `unpacking` that bears its name."""

    PDF = "pdf"
    PICTURE = "picture"
    SVG = "svg"
    TEXT = "text"


def kind_of(content: bytes) -> Kind:
    """Return what a file is. What two programs would read as two kinds is refused."""
    if not content.strip(_BLANK):
        raise Refused(Why.EMPTY)
    start = content.find(_PDF, 0, _PDF_WITHIN + len(_PDF))
    if start >= 0:
        # Readers skip what stands before; so it may be nothing.
        if content[:start].strip(_BLANK):
            raise Refused(Why.TWO_KINDS)
        return Kind.PDF
    is_webp = content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    if content.startswith((_PNG, _JPEG)) or is_webp:
        return Kind.PICTURE
    return Kind.SVG if content[:_HEAD].lstrip(_BLANK).startswith(b"<") else Kind.TEXT
