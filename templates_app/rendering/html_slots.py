"""What a compiled HTML page is: bytes that stay, and the places where fields and codes go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from templates_app.design import Area
from templates_app.rendering.compiled import Compiled
from templates_app.rendering.fonts import Face
from templates_app.rendering.html_reading import Ruled, Shown

# The word that stands in a field's place while the page is laid out.
SENTINEL = re.compile(r"qz(\d\d)n+q", re.IGNORECASE)
QR_IMAGE = re.compile(r'<img\b[^>]*\bdata-field="qr"[^>]*>', re.IGNORECASE)
SIGNED_QR = re.compile(r'\bdata-content="signed"', re.IGNORECASE)
QR_PIXELS = 7  # the side of the image that stands in a code's place
SIGNED_PIXELS = 9  # and in that of one with a signed statement
BULLETS = {"\u00b7": "•", "\u2022": "•"}


class Uneven(Exception):
    """A page that cannot be filled place by place; the message is for its author."""


@dataclass(frozen=True)
class Part:
    """A stretch of a line in one style: words with `{{ field }}` in them."""

    words: str
    face: Face
    size: float
    colour: str


@dataclass(frozen=True)
class Rule:
    """An underline or a ground as long as one part of a line; measures in points."""

    part: int
    above: float
    thickness: float
    colour: str


@dataclass(frozen=True)
class Slot:
    """A line with fields in it; `anchor` is 0 where its left end stays, 1 right, ½ the middle."""

    order: int
    parts: tuple[Part, ...]
    anchor: float
    x: float
    y: float
    room: float
    rules: tuple[Rule, ...] = ()


class CodePlace(NamedTuple):
    """Where a QR code goes in reading order and on the page, and whether a statement is in it."""

    order: int
    area: Area
    is_signed: bool


@dataclass(frozen=True)
class HtmlPage:
    """A template as bytes, and where its fields and codes go."""

    design: Compiled
    slots: tuple[Slot, ...]
    codes: tuple[CodePlace, ...]


class Following(NamedTuple):
    """A rule and the part of the line it follows."""

    line: int
    part: int
    ruled: Ruled


def plain(line: Sequence[Shown], fields: Sequence[str]) -> str:
    """Return a line's words with its fields by name."""
    words = "".join(BULLETS.get(shown.text, shown.text) for shown in line)
    return SENTINEL.sub(lambda match: f"{{{{ {fields[int(match[1])]} }}}}", words)
