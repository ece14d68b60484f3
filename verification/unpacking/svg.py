"""The credential baked into an SVG (Open Badges 3.0, baking), read without DTD or entities."""

from typing import Any
from xml.parsers import expat

from certificates.credential.baking import SVG_NAMESPACE
from verification.refusals import Refused, Why
from verification.unpacking.served import served
from verification.unpacking.text import read_credential

_SEPARATOR = " "  # no letter of a name
_ELEMENT = f"{SVG_NAMESPACE}{_SEPARATOR}credential"
_SVG = f"http://www.w3.org/2000/svg{_SEPARATOR}svg"
_DEPTH = 200


def unpack_svg(content: bytes) -> dict[str, Any]:
    """Return the one credential an SVG holds; the picture itself is never drawn."""
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError) as error:
        raise Refused(Why.DAMAGED) from error
    if reader.root != _SVG:
        raise Refused(Why.UNKNOWN_KIND)
    held = [text.strip() for text in reader.held if text.strip()]
    if not held:
        raise Refused(Why.NOTHING_INSIDE)
    if len(held) > 1:
        raise Refused(Why.SEVERAL)
    return read_credential(held[0].encode()) | {"carried": True}


class _Reader:
    """Collects what the credential elements say, in their attribute or between their tags."""

    def __init__(self) -> None:
        self.root = ""
        self.held: list[str] = []
        self._depth = 0
        self._inside = False
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *_: Any) -> None:
        raise Refused(Why.DAMAGED)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        self._depth += 1
        if self._depth > _DEPTH:
            raise Refused(Why.TOO_MUCH_WORK)
        if name == _ELEMENT:
            self._inside = True
            self.held.append(attributes.get("verify", ""))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == _ELEMENT:
            self._inside = False

    def _data(self, data: str) -> None:
        if self._inside:
            self.held[-1] += data


unpack = served(unpack_svg)
