"""Compile a tenant's HTML: lay it out with sentinels, keep the page, remember where fields stood.

Each place of a field gets a word of its own, which is found again in what xhtml2pdf drew. A second
layout with wider words shows which way a line grows. What does not come out the same way twice
is not compiled, and the reason is kept for the person who wrote the template.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence

import pikepdf

from sandbox.running import Failed, Stopped
from templates_app.rendering import html_door
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.html_fonts import with_our_fonts
from templates_app.rendering.html_growth import following_of, growth_of, lines_of
from templates_app.rendering.html_reading import read_page
from templates_app.rendering.html_slots import (
    QR_IMAGE,
    QR_PIXELS,
    SIGNED_PIXELS,
    SIGNED_QR,
    HtmlPage,
    Uneven,
)
from templates_app.rendering.html_taking import Taken

PlaceAll = Callable[[Sequence[str], Mapping[str, bytes]], list[bytes]]
_MOST_PLACES = 100
_QR_FILE, _SIGNED_FILE = "our-qr.png", "our-signed-qr.png"


def full_html(
    template: str, *, images: Mapping[str, bytes], fonts: FontSet
) -> tuple[str, dict[str, bytes]]:
    """Return the page as xhtml2pdf gets it, and the files it may use."""
    body, css = html_door.split_styles(template)
    body = QR_IMAGE.sub(_in_its_place, body)
    body, css, files = with_our_fonts(body, css, fonts)
    page = (
        f'<html><head><meta charset="utf-8"><style>{css}</style></head><body>{body}</body></html>'
    )
    stand_ins = {_QR_FILE: _stand_in(QR_PIXELS), _SIGNED_FILE: _stand_in(SIGNED_PIXELS)}
    return page, {**images, **files, **stand_ins}


def has_signed_code(template: str) -> bool:
    """Say whether a template prints a code with a signed statement in it."""
    if "data-content" not in template.casefold():
        return False
    codes = QR_IMAGE.findall(html_door.split_styles(template)[0])
    return any(SIGNED_QR.search(code) for code in codes)


def compile_html(
    template: str, *, images: Mapping[str, bytes], fonts: FontSet, place: PlaceAll
) -> HtmlPage:
    """Return the compiled page of a template without conditions. Raises Uneven or CannotLayOut."""
    fields = html_door.fields_of(template)
    if len(fields) > _MOST_PLACES:
        raise Uneven(f"it prints more than {_MOST_PLACES} fields")
    pages = []
    files: dict[str, bytes] = {}
    for filler in ("nnn", "nnnnnnnn"):
        words = [f"Qz{index:02d}{filler}q" for index in range(len(fields))]
        html, files = full_html(
            html_door.replace_fields(template, words), images=images, fonts=fonts
        )
        pages.append(html)
    narrow, wide = _laid_out(pages, files, place)
    with pikepdf.open(io.BytesIO(narrow)) as one, pikepdf.open(io.BytesIO(wide)) as other:
        first, second = _only_page(one), _only_page(other)
        page, wider = read_page(first), read_page(second)
        lines = lines_of(page, fields)
        following = following_of(page, wider, lines)
        growing = growth_of(page, wider, lines, set(following))
        return Taken(first, page, template, fonts).finished(
            lines, growing, fields, following=list(following.values())
        )


def take_whole(
    template: str, *, images: Mapping[str, bytes], fonts: FontSet, place: PlaceAll
) -> HtmlPage:
    """Return a page that xhtml2pdf laid out with its values, for what cannot be compiled."""
    html, files = full_html(template, images=images, fonts=fonts)
    (made,) = _laid_out([html], files, place)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        page = _only_page(pdf)
        return Taken(page, read_page(page), template, fonts).finished([], {}, [])


def _laid_out(pages: Sequence[str], files: Mapping[str, bytes], place: PlaceAll) -> list[bytes]:
    try:
        return place(pages, files)
    except Stopped as stop:
        raise CannotLayOut(f"laying the template out {stop}", stop.limit) from stop
    except Failed as failure:
        raise CannotLayOut(f"xhtml2pdf could not lay the template out: {failure}") from failure


def _only_page(pdf: pikepdf.Pdf) -> pikepdf.Page:
    if len(pdf.pages) != 1:
        raise CannotLayOut(f"the template takes {len(pdf.pages)} pages instead of one")
    return pdf.pages[0]


def _in_its_place(code: re.Match[str]) -> str:
    """Return the tag of the image that is laid out in place of a code."""
    file = _SIGNED_FILE if SIGNED_QR.search(code[0]) else _QR_FILE
    return re.sub(r'\bsrc="[^"]*"', "", code[0]).replace("<img", f'<img src="{file}"', 1)


def _stand_in(pixels: int) -> bytes:
    from PIL import Image  # noqa: PLC0415 - made once in a while

    output = io.BytesIO()
    Image.new("L", (pixels, pixels), 128).save(output, "PNG")
    return output.getvalue()
