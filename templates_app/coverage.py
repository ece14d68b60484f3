"""Which scripts this installation can draw, and with which fonts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from templates_app.rendering.fonts import SHIPPED, FontSet, font_set
from templates_app.rendering.itemise import DRAWN, EMOJI, NAMES


@dataclass(frozen=True)
class Covered:
    """A script: its ISO 15924 code and name, and its families in the order they are tried."""

    code: str
    name: str
    families: tuple[str, ...]
    is_operators: bool


def coverage(fonts: FontSet) -> list[Covered]:
    """Return every script that is drawn, by name; one without a font left is not among them."""
    found = []
    for code in DRAWN | fonts.vouched:
        families = fonts.of_script(code)
        own = {face.family for face in fonts.faces if not face.path.is_relative_to(SHIPPED)}
        if families:
            found.append(
                Covered(code, NAMES.get(code, code), tuple(families), not own.isdisjoint(families))
            )
    return sorted(found, key=lambda each: each.name.lower())


@dataclass(frozen=True)
class DrawnBy:
    """A script, and whether a tenant's font draws its names or which family does instead."""

    name: str
    is_own: bool
    letters: int
    instead: str


def drawn_by(facts: Mapping[str, Any]) -> list[DrawnBy]:
    """Return every script with the font that its names are set in, the tenant's own first."""
    found = [
        DrawnBy(
            name=NAMES[code],
            is_own=code in facts["scripts"],
            letters=facts["letters"].get(code, 0),
            instead=next(iter(font_set().of_script(code)), ""),
        )
        for code in DRAWN - {EMOJI}
    ]
    return sorted(found, key=lambda each: (not each.is_own, each.name))
