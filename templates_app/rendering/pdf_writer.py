"""Write PDF objects as bytes, each at an offset that is known at once (ISO 32000-2 §7.5)."""

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

isal: Any
try:
    from isal import isal_zlib as isal
except ImportError:  # no wheel for this machine
    isal = None

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_WORTH_DEFLATING = 96  # bytes; below, the filter's name costs more than it saves


class Objects:
    """Objects of a file in the order they are written, numbered from `first`.

    `at` is the offset in the file at which they begin, `level` how hard streams are deflated.
    """

    def __init__(self, *, first: int, at: int, level: int = 6) -> None:
        self.level = level
        self.free = first
        self.end = at
        self.parts: list[bytes] = []
        self.offsets: dict[int, int] = {}

    def put(self, number: int, body: bytes) -> None:
        """Write an object under a number that was set aside for it."""
        part = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self.offsets[number] = self.end
        self.parts.append(part)
        self.end += len(part)

    def add(self, body: bytes) -> int:
        """Write an object under the next number and return that."""
        number = self.free
        self.free += 1
        self.put(number, body)
        return number

    def stream(self, data: bytes, entries: bytes = b"") -> int:
        """Write a stream, deflated where that saves anything, and return its number."""
        return self.add(stream(data, entries, level=self.level))

    def bytes(self) -> bytes:
        """Return what was written so far."""
        return b"".join(self.parts)


def stream(data: bytes, entries: bytes = b"", *, level: int = 6) -> bytes:
    """Return a stream object's body; its level is fixed, so the same data give the same bytes."""
    if len(data) > _WORTH_DEFLATING:
        # At the first level the quick one takes a third of the time, for fewer bytes.
        data = (isal if isal and level == 1 else zlib).compress(data, level)
        entries += b"/Filter/FlateDecode"
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)


def text_string(text: str) -> bytes:
    """Return text as a string object: ASCII as it is, anything else in UTF-16 (§7.9.2.2)."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return b"(%b)" % escaped.encode("ascii")
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode("ascii")


def references(numbers: Iterable[int]) -> bytes:
    """Return an array of references."""
    return b"[%b]" % b" ".join(b"%d 0 R" % number for number in numbers)


def xref_rows(offsets: Iterable[int]) -> bytes:
    """Return rows of a cross-reference table for objects in use (§7.5.4)."""
    return b"".join(b"%010d 00000 n \n" % offset for offset in offsets)


def trailer(*, rows: bytes, at: int, root: int, info: int, digest: bytes) -> bytes:
    """Return the end of a file whose rows are those of all objects from number 1."""
    size = len(rows) // 20 + 1
    identity = hashlib.sha256(digest).hexdigest()[:32].encode("ascii")
    return (
        b"xref\n0 %d\n0000000000 65535 f \n%b"
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
    ) % (size, rows, size, root, info, identity, identity, at)
