"""Carry objects of a PDF that another library made into a file of our own, smallest form first."""

import base64
from decimal import Decimal

import pikepdf

from templates_app.rendering.pdf_writer import Objects, stream

_OURS = frozenset({"/Length", "/Filter", "/DecodeParms"})
# What is compressed as a picture stays so.
_PICTURES = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})


class Carrier:
    """Writes each indirect object once, in the order in which it is met."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.carried: dict[tuple[int, int], int] = {}

    def value(self, item: object) -> bytes:
        """Return an object as bytes; what it refers to has been written by then."""
        if isinstance(item, bool):
            return b"true" if item else b"false"
        if isinstance(item, int | Decimal):
            return str(item).encode("ascii")
        if not isinstance(item, pikepdf.Object):
            return b"null"
        if item.is_indirect:
            return b"%d 0 R" % self._number(item)
        return self._direct(item)

    def entries(self, item: pikepdf.Object, *, but: frozenset[str] = frozenset()) -> bytes:
        """Return the members of a dictionary, in the order of their names."""
        return b"".join(
            pikepdf.Name(key).unparse() + b" " + self.value(item[key])
            for key in sorted(item.keys())
            if key not in but
        )

    def _number(self, item: pikepdf.Object) -> int:
        number = self.carried.get(item.objgen)
        if number is None:
            number = self.carried[item.objgen] = self.objects.free
            self.objects.free += 1
            self.objects.put(number, self._direct(item))
        return number

    def _direct(self, item: pikepdf.Object) -> bytes:
        if isinstance(item, pikepdf.Stream):
            return self._stream(item)
        if isinstance(item, pikepdf.Dictionary):
            return b"<<%b>>" % self.entries(item)
        if isinstance(item, pikepdf.Array):
            return b"[%b]" % b" ".join(self.value(each) for each in item)
        return item.unparse(resolved=True)

    def _stream(self, item: pikepdf.Stream) -> bytes:
        filters = item.get("/Filter", pikepdf.Array())
        names = {
            str(each) for each in (filters if isinstance(filters, pikepdf.Array) else [filters])
        }
        if names & _PICTURES and len(names - {"/ASCII85Decode"}) == 1:
            # reportlab wraps pictures once more in letters, a quarter larger.
            in_letters = "/ASCII85Decode" in names
            data = _from_letters(item.read_raw_bytes()) if in_letters else item.read_raw_bytes()
            kept = (
                self.entries(item, but=_OURS)
                + b"/Filter%b" % (names - {"/ASCII85Decode"}).pop().encode()
            )
            return b"<<%b/Length %d>>stream\n%b\nendstream" % (kept, len(data), data)
        return stream(item.read_bytes(), self.entries(item, but=_OURS), level=9)


def _from_letters(data: bytes) -> bytes:
    return base64.a85decode(b"<~" + data.strip().removeprefix(b"<~"), adobe=True)
