"""From a text box and a certificate's values to lines in their places."""

import re
from collections.abc import Mapping

from templates_app.design import Layout, Text
from templates_app.layout import PLACEHOLDER, colour, spoken
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.setting import Placed, fit
from templates_app.rendering.text import CannotDraw, Piece, Style


def is_fixed(box: Text, layout: Layout, wording: str) -> bool:
    """Say whether a box reads the same on every certificate with this wording."""
    return not box.shown_if and PLACEHOLDER.search(words_of(box, layout, wording)) is None


def words_of(box: Text, layout: Layout, wording: str) -> str:
    """Return the template of a box in the language of the wording."""
    return spoken(box.words, wording, layout.language)


def place(
    box: Text,
    layout: Layout,
    values: Mapping[str, str],
    *,
    wording: str,
    fonts: FontSet,
    language: str = "",
    recipient_language: str = "",
) -> list[Placed]:
    """Return the lines of a box; none where its condition or all its words are empty.

    `wording` is the language the design speaks, `language` that of the values; letters of a
    name are formed as the recipient's own language forms them.
    """
    if box.shown_if and not values.get(box.shown_if, "").strip():
        return []
    template = words_of(box, layout, wording)
    pieces = fill(template, values)
    if not "".join(piece.text for piece in pieces).strip():
        return []
    around = language or wording
    own = recipient_language if "recipient_name" in PLACEHOLDER.findall(template) else around
    style = Style(
        families=layout.fonts[box.font],
        weight=box.weight,
        italic=box.italic,
        tracking=box.tracking,
        features=box.features,
        language=own,
        around=around,
        direction=box.direction,
    )
    try:
        return fit(pieces, box, style=style, fonts=fonts, colour=colour(layout, box.colour))
    except CannotDraw as error:
        what = " and ".join(PLACEHOLDER.findall(template)) or f"“{template}”"
        # Of the same kind, so that a reader can still tell a long name from a missing font.
        raise type(error)(f"{what}: {error.reason}") from error


def fill(template: str, values: Mapping[str, str]) -> list[Piece]:
    """Return a template's words and values in order; values are data, whatever they look like."""
    pieces, start = [], 0
    for match in PLACEHOLDER.finditer(template):
        pieces.append(Piece(template[start : match.start()]))
        value = re.sub(r"[\t\r\n]+", " ", values.get(match[1], ""))
        pieces.append(Piece(value, is_value=True))
        start = match.end()
    pieces.append(Piece(template[start:]))
    return [piece for piece in pieces if piece.text]
