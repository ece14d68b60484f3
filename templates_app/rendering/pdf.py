"""Render one certificate: its own words and QR code over the still part of its design."""

from collections.abc import Mapping
from datetime import datetime

from templates_app.design import Source
from templates_app.layout import colour
from templates_app.rendering import qr
from templates_app.rendering.assembling import About, Layer, Paragraph, Picture, assemble
from templates_app.rendering.canvas import Canvas
from templates_app.rendering.fonts import FontSet, fonts_for
from templates_app.rendering.still import compiled
from templates_app.rendering.variable import Code, Variable, variable_layer


def render_pdf(
    *,
    design: Source,
    values: Mapping[str, str],
    attachments: Mapping[str, bytes],
    language: str,
    issued_at: datetime,
    recipient_language: str = "",
    fonts: FontSet | None = None,
    paper: str = "",
) -> bytes:
    """Return the certificate as PDF: the same input gives the same bytes.

    `language` is the one it is written in; the recipient's own decides how the letters of
    their name are formed. `paper` is "letter" or, for the design's own size, empty. Raises
    CannotDraw where a value would not come out right, CannotLayOut for a design with faults.
    """
    fonts = fonts or fonts_for(design.fonts)
    variable = variable_layer(
        design=design,
        values=values,
        language=language,
        recipient_language=recipient_language,
        fonts=fonts,
    )
    wording = variable.wording
    return assemble(
        compiled(design, wording, fonts),
        layer_of(variable),
        about=About(
            title=variable.title,
            author=values.get("issuer_name", ""),
            language=wording,
            issued_at=issued_at,
        ),
        attachments=attachments,
        paper=paper,
    )


def layer_of(variable: Variable) -> Layer:
    """Return the variable layer as it is drawn: codes beneath, words above."""
    return Layer(
        pictures=[_picture(variable, code) for code in variable.codes],
        paragraphs=[
            Paragraph(order, line, language)
            for order, line, language in zip(
                variable.orders, variable.lines, variable.languages, strict=True
            )
        ],
    )


def _picture(variable: Variable, code: Code) -> Picture:
    layout = variable.layout
    canvas = Canvas(layout.height)
    ink, paper = colour(layout, code.box.colour), colour(layout, "paper")
    qr.draw(canvas, code.box.area, code.said, colour=ink, paper=paper)
    return Picture(layout.boxes.index(code.box), canvas.bytes(), f"QR code: {code.link}")
