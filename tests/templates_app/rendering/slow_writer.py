"""The slow way to a certificate: a PDF library opens the still page and adds to it.

The fast writer's page must look and read the same.
"""

import io
from collections.abc import Mapping

import pikepdf

from templates_app.design import Source
from templates_app.layout import colour
from templates_app.rendering import qr
from templates_app.rendering.canvas import Canvas
from templates_app.rendering.embed import add_text
from templates_app.rendering.fonts import font_set
from templates_app.rendering.still import still
from templates_app.rendering.variable import variable_layer


def render_slowly(design: Source, values: Mapping[str, str], language: str) -> bytes:
    fonts = font_set()
    variable = variable_layer(
        design=design, values=values, language=language, recipient_language="", fonts=fonts
    )
    layout = variable.layout
    canvas = Canvas(layout.height)
    for code in variable.codes:
        ink, paper = colour(layout, code.box.colour), colour(layout, "paper")
        qr.draw(canvas, code.box.area, code.said, colour=ink, paper=paper)
    with pikepdf.open(io.BytesIO(still(design, variable.wording, fonts))) as pdf:
        page = pdf.pages[0]
        faces, text = add_text(pdf, variable.lines, page_height=layout.height, prefix="V")
        for name, font in faces.items():
            page.obj.Resources.Font[f"/{name}"] = font
        page.contents_add(canvas.bytes() + text)
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True)
    return output.getvalue()
