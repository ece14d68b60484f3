"""Prove a compiled template: sample certificates drawn both ways must look the same."""

import io
from collections.abc import Callable, Mapping

import pikepdf
from PIL import Image, ImageChops

from templates_app.rendering import html_door
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.html_compiling import full_html
from templates_app.rendering.html_reading import read_page
from templates_app.rendering.html_slots import HtmlPage, Uneven
from templates_app.rendering.placing import place_all
from templates_app.rendering.png import rasterise
from templates_app.samples import SAMPLES

_DPI = 100
_SEEN = 60  # of 255
_FAINT = 0.0005  # of the pixels outside lines and codes
_PEOPLE = ("X", "Zoë Müller-Lüdenscheidt", "Agent 47 Ólafsdóttir")


def prove(
    page: HtmlPage,
    template: str,
    *,
    images: Mapping[str, bytes],
    fonts: FontSet,
    draw: Callable[[Mapping[str, str]], bytes],
) -> None:
    """Compare the page with what xhtml2pdf makes of sample values. Raises Uneven."""
    samples = [SAMPLES["usual"].values | {"recipient_name": name} for name in _PEOPLE]
    pages: list[str] = []
    files: dict[str, bytes] = {}
    for values in samples:
        html, files = full_html(html_door.fill(template, values), images=images, fonts=fonts)
        pages.append(html)
    for values, reference in zip(samples, place_all(pages, files), strict=True):
        with pikepdf.open(io.BytesIO(reference)) as pdf:
            if len(pdf.pages) != 1:
                raise Uneven("a sample needs a second page")
            _compare_ends(page, pdf.pages[0])
        _compare_ink(page, _raster(reference), _raster(draw(values)))


def _compare_ends(page: HtmlPage, reference: pikepdf.Page) -> None:
    """Every line must stand on the baseline that xhtml2pdf gives it."""
    baselines = [shown.y for shown in read_page(reference).shown]
    for slot in page.slots:
        if not any(abs(slot.y - y) < 1 for y in baselines):
            raise Uneven(f"a sample wraps or moves: {' '.join(part.words for part in slot.parts)}")


def _compare_ink(page: HtmlPage, reference: Image.Image, drawn: Image.Image) -> None:
    difference = ImageChops.difference(reference, drawn).point(lambda value: 255 * (value > _SEEN))
    unit = _DPI / 72
    height = page.design.height * POINTS
    for slot in page.slots:
        tall = max(part.size for part in slot.parts)
        top, bottom = (height - slot.y - tall * 1.2) * unit, (height - slot.y + tall * 0.4) * unit
        difference.paste(0, (0, max(0, int(top)), difference.width, int(bottom) + 1))
    for _, area, _ in page.codes:
        scale = _DPI / 25.4
        corner = (int(area.x * scale) - 2, int(area.y * scale) - 2)
        far = (int((area.x + area.w) * scale) + 3, int((area.y + area.h) * scale) + 3)
        difference.paste(0, (*corner, *far))
    wrong = difference.histogram()[255]
    if wrong > difference.width * difference.height * _FAINT:
        raise Uneven(
            f"a sample wraps or moves: {wrong} pixels differ outside the lines with fields"
        )


def _raster(pdf: bytes) -> Image.Image:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        width = float(opened.pages[0].mediabox[2])
    image = rasterise(pdf, round(width * _DPI / 72))
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground.convert("L")
