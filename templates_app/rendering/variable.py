"""What stands on one certificate and on no other: its lines of text and its QR codes, placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from templates_app.design import STATEMENT, Box, Content, Layout, Qr, Source, Text
from templates_app.layout import PLACEHOLDER, spoken, wording_language
from templates_app.rendering import qr, words
from templates_app.rendering.choice import CannotDraw
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.preflight import compose
from templates_app.rendering.setting import Placed
from templates_app.rendering.spoken import language_of
from templates_app.rendering.still import layout_of

_KEPT = 4  # the files of one certificate are made one after the other


@dataclass(frozen=True)
class Code:
    """A QR code: the box it fills and what it says."""

    box: Qr
    said: qr.Message
    link: str


@dataclass(frozen=True, eq=False)
class Variable:
    """The variable layer of a page, before any file format; known by itself, not its content."""

    layout: Layout
    wording: str
    lines: tuple[Placed, ...]
    codes: tuple[Code, ...]
    title: str
    orders: tuple[int, ...]  # which box of the layout each line stands in
    languages: tuple[str, ...]  # of each line, empty where it is the wording's


def variable_layer(
    *,
    design: Source,
    values: Mapping[str, str],
    language: str,
    recipient_language: str,
    fonts: FontSet,
) -> Variable:
    """Place the values of one certificate.

    Raises CannotDraw with every value that would not come out right.
    """
    return _layer(design, tuple(values.items()), language, recipient_language, fonts)


@lru_cache(maxsize=_KEPT)
def _layer(
    design: Source,
    pairs: tuple[tuple[str, str], ...],
    language: str,
    recipient_language: str,
    fonts: FontSet,
) -> Variable:
    layout, values = layout_of(design), dict(pairs)
    wording = wording_language(layout, language)
    lines, findings = compose(
        (
            (order, box)
            for order, box in enumerate(layout.boxes)
            if isinstance(box, Text) and not words.is_fixed(box, layout, wording)
        ),
        layout,
        values,
        wording=wording,
        fonts=fonts,
        language=language,
        recipient_language=recipient_language,
    )
    if findings:
        raise CannotDraw("; ".join(finding.reason for finding in findings))
    link = values.get("verify_url", "")
    codes = [
        Code(box, _said(box, link, values), link)
        for box in layout.boxes
        if isinstance(box, Qr) and link
    ]
    title = words.fill(spoken(layout.title, wording, layout.language), values)
    return Variable(
        layout=layout,
        wording=wording,
        lines=tuple(line for _, line in lines),
        codes=tuple(codes),
        title="".join(piece.text for piece in title),
        orders=tuple(order for order, _ in lines),
        languages=tuple(
            language_of(
                line.line.text,
                document=wording,
                own=recipient_language if _names(layout.boxes[order], layout, wording) else "",
            )
            for order, line in lines
        ),
    )


def _said(box: Qr, link: str, values: Mapping[str, str]) -> qr.Message:
    statement = values.get(STATEMENT, "") if box.content is Content.SIGNED else ""
    return qr.message(link, statement, side=min(box.area.w, box.area.h))


def _names(box: Box, layout: Layout, wording: str) -> bool:
    """Say whether the recipient's name stands in a box."""
    return isinstance(box, Text) and "recipient_name" in PLACEHOLDER.findall(
        words.words_of(box, layout, wording)
    )
