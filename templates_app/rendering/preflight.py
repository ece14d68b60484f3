"""Find what would not come out right before a file is made: letters no font has, words too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from templates_app.design import Layout, Source, Text
from templates_app.layout import wording_language
from templates_app.rendering import words
from templates_app.rendering.choice import CannotDraw
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.setting import DoesNotFit, Placed
from templates_app.rendering.still import layout_of


class Kind(StrEnum):
    """What is wrong: a font is missing, or a place in the design is too small."""

    COVERAGE = "coverage"
    OVERFLOW = "overflow"


@dataclass(frozen=True)
class Finding:
    """One value that cannot be drawn, and why, for the person who must act."""

    kind: Kind
    reason: str


def preflight(
    *,
    design: Source,
    values: Mapping[str, str],
    language: str,
    recipient_language: str = "",
    fonts: FontSet,
) -> list[Finding]:
    """Return everything that would hold a certificate's files back; makes no file.

    The design's fixed words are tried too: a font can go as well as come.
    """
    layout = layout_of(design)
    _, findings = compose(
        ((order, box) for order, box in enumerate(layout.boxes) if isinstance(box, Text)),
        layout,
        values,
        wording=wording_language(layout, language),
        language=language,
        recipient_language=recipient_language,
        fonts=fonts,
    )
    return findings


def compose(
    boxes: Iterable[tuple[int, Text]],
    layout: Layout,
    values: Mapping[str, str],
    *,
    wording: str,
    language: str,
    recipient_language: str,
    fonts: FontSet,
) -> tuple[list[tuple[int, Placed]], list[Finding]]:
    """Return the lines of the boxes that can be drawn, and what is wrong with the others.

    Boxes come with their place in the layout, and lines with that of their box.
    """
    lines: list[tuple[int, Placed]] = []
    findings: dict[Finding, None] = {}  # a name that stands in two boxes is one finding
    for order, box in boxes:
        try:
            placed = words.place(
                box,
                layout,
                values,
                wording=wording,
                fonts=fonts,
                language=language,
                recipient_language=recipient_language,
            )
        except CannotDraw as error:
            overflows = isinstance(error, DoesNotFit)
            findings[Finding(Kind.OVERFLOW if overflows else Kind.COVERAGE, error.reason)] = None
        else:
            lines += [(order, line) for line in placed]
    return lines, list(findings)
