"""Pictures of a certificate in HTML, drawn from its PDF: such a page has no boxes to print on."""

import io
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import pikepdf
from PIL import Image

from templates_app.design import Layout
from templates_app.rendering import bands, plate
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.fonts import fonts_for
from templates_app.rendering.html_page import HtmlSource, render_html, title_of
from templates_app.rendering.og import Card, card_of
from templates_app.rendering.picture import WIDTHS
from templates_app.rendering.png import rasterise

_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # of a file that nobody keeps


def draw_html_pictures(
    *,
    source: HtmlSource,
    values: Mapping[str, str],
    language: str,
    card: Card,
    recipient_language: str = "",
    wanted: Collection[str] = ("png", "thumbnail", "card"),
) -> dict[str, bytes]:
    """Return the pictures wanted as PNG, as `picture.draw_pictures` does for layouts."""
    pdf = render_html(
        source=source,
        values=values,
        attachments={},
        language=language,
        recipient_language=recipient_language,
        issued_at=_ANY_DAY,
    )
    layout, page = _boxless(pdf), rasterise(pdf, WIDTHS["png"]).convert("RGB")
    drawn = {}
    for name in wanted:
        if name == "card":
            made = card_of(page, layout, card, fonts_for(source.fonts))
        else:
            place = plate.whole_page(layout, WIDTHS[name])
            size = (place.width, place.height)
            made = plate.make(page.resize(size, Image.Resampling.LANCZOS), layout, place)
        drawn[name] = bands.assemble(
            made.still, made.bands, per_metre=made.per_metre, texts={"Title": title_of(values)}
        )
    return drawn


def page_size(pdf: bytes) -> tuple[float, float]:
    """Return width and height of the first page in millimetres."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        left, bottom, right, top = (float(side) / POINTS for side in opened.pages[0].mediabox)
    return round(right - left, 2), round(top - bottom, 2)


def _boxless(pdf: bytes) -> Layout:
    width, height = page_size(pdf)
    return Layout(
        width=width,
        height=height,
        language="",
        colours={"paper": "#ffffff"},
        fonts={},
        title={},
        signatory={},
        boxes=(),
    )
