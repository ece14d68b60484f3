"""What a certificate design is: a page, a theme and boxes, in millimetres."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

FIELDS = frozenset(
    {
        "recipient_name",
        "course_title",
        "course_version",
        "completed_on",
        "issued_on",
        "expires_on",
        "grade",
        "issuer_name",
        "signatory_name",
        "signatory_title",
        "certificate_id",
        "verify_code",
        "verify_url",
    }
)
# Stands among the values, and is no field: codes carry it, and no words can.
STATEMENT = "signed_statement"


class Align(StrEnum):
    """Where a line stands in its box; start and end follow the box's direction."""

    START = "start"
    CENTRE = "centre"
    END = "end"


class Content(StrEnum):
    """What a QR code carries: the verify link, or that and a signed statement behind it."""

    LINK = "link"
    SIGNED = "signed"


class Sit(StrEnum):
    """Where the lines stand between the box's upper and lower edge."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


@dataclass(frozen=True)
class Area:
    """A rectangle on the page; the origin is the upper left corner."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Text:
    """Words in one style, fixed or with {{ fields }}; shrunk to fit, never cut."""

    area: Area
    words: Mapping[str, str]
    font: str
    size: float
    min_size: float
    colour: str
    weight: int = 400
    italic: bool = False
    align: Align = Align.START
    sit: Sit = Sit.BOTTOM
    direction: str = "ltr"
    lines: int = 1
    tracking: float = 0
    features: tuple[str, ...] = ()
    shown_if: str = ""


@dataclass(frozen=True)
class Image:
    """One of the tenant's images, whole, as large as its box allows.

    `alternative` is what it says to those who do not see it; without, it is decoration.
    """

    area: Area
    asset: str
    align: Align = Align.CENTRE
    sit: Sit = Sit.MIDDLE
    alternative: Mapping[str, str] = field(default_factory=lambda: {"": ""})


@dataclass(frozen=True)
class Shape:
    """A rectangle, filled or outlined; a line is a rectangle that is filled and thin."""

    area: Area
    fill: str = ""
    stroke: str = ""
    thickness: float = 0


@dataclass(frozen=True)
class Ornament:
    """Drawn by the house itself: pattern names are in rendering.ornament."""

    area: Area
    pattern: str
    colour: str
    accent: str


@dataclass(frozen=True)
class Qr:
    """The verify link as a QR code; the quiet zone lies inside the area."""

    area: Area
    colour: str
    content: Content = Content.LINK


Box = Text | Image | Shape | Ornament | Qr


@dataclass(frozen=True)
class Layout:
    """A design whose every value has been read and checked for its form."""

    width: float
    height: float
    language: str
    colours: Mapping[str, str]
    fonts: Mapping[str, tuple[str, ...]]
    title: Mapping[str, str]
    signatory: Mapping[str, str]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Font:
    """A font of the tenant's own, built anew by `rendering.font_cleaning`; known by its digest."""

    family: str
    weight: int
    italic: bool
    scripts: tuple[str, ...]  # those it can draw, as ISO 15924 codes
    sha256: str
    content: bytes = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the file is called among the tenant's: no two of one style are used together."""
        return f"{self.family} {self.weight}{' italic' if self.italic else ''}"


@dataclass(frozen=True, eq=False)
class Source:
    """A JSON layout, the images and the tenant's fonts it names; equal when every byte is."""

    layout: dict[str, Any]
    assets: Mapping[str, bytes]
    fonts: tuple[Font, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the layout, the images and the fonts."""
        text = json.dumps(self.layout, sort_keys=True, ensure_ascii=False)
        summary = hashlib.sha256(text.encode())
        for name in sorted(self.assets):
            summary.update(name.encode() + b"\0" + hashlib.sha256(self.assets[name]).digest())
        for font in self.fonts:
            summary.update(repr(font).encode())
        return summary.hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and self.digest == other.digest
