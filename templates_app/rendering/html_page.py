"""Render one certificate from a tenant's HTML: compiled where that is faithful, else as it is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from templates_app.design import STATEMENT, Font
from templates_app.layout import PLACEHOLDER
from templates_app.rendering import html_door, proof, qr, words
from templates_app.rendering.assembling import About, Layer, Paragraph, Picture, assemble
from templates_app.rendering.canvas import POINTS, Canvas
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.fonts import FontSet, fonts_for
from templates_app.rendering.html_compiling import compile_html, take_whole
from templates_app.rendering.html_slots import HtmlPage, Part, Slot, Uneven
from templates_app.rendering.itemise import clusters, scripts
from templates_app.rendering.placing import place_all
from templates_app.rendering.setting import Placed
from templates_app.rendering.text import CannotDraw, Style, paragraph

_KEPT = 16
# What xhtml2pdf sets right by itself, in fonts that have it.
_STOCK = frozenset({"Latn", "Grek", "Cyrl"})
_LEAST_SHARE = 0.5  # of the size the template asks for
_INK, _PAPER = "#000000", "#ffffff"
_ROUNDING = 0.1  # millimetres, by which layouts miss


@dataclass(frozen=True)
class HtmlSource:
    """A template, its images and its tenant's fonts, checked by `html_door.check`."""

    template: str
    images: tuple[tuple[str, bytes], ...]
    fonts: tuple[Font, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over the template, the images and the fonts."""
        summary = hashlib.sha256(self.template.encode())
        for name, content in self.images:
            summary.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return hashlib.sha256(summary.digest() + repr(self.fonts).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """A template's compiled page, or why there is none."""

    page: HtmlPage | None
    why: str


def render_html(
    *,
    source: HtmlSource,
    values: Mapping[str, str],
    attachments: Mapping[str, bytes],
    language: str,
    issued_at: datetime,
    recipient_language: str = "",
    fonts: FontSet | None = None,
    paper: str = "",
) -> bytes:
    """Return the certificate as PDF. Raises BadTemplate, CannotLayOut or CannotDraw."""
    fonts = fonts or fonts_for(source.fonts)
    html_door.check(source.template, assets=dict(source.images))
    chosen = html_door.choose(source.template, values)
    verdict = compiled_html(replace(source, template=chosen), fonts)
    if verdict.page is not None:
        page, fill = verdict.page, True
    else:
        page, fill = _whole(chosen, source, values, fonts), False
    return assemble(
        page.design,
        layer_of(
            page,
            values if fill else {},
            codes=_codes(page, values),
            language=recipient_language or language,
            fonts=fonts,
        ),
        about=About(title_of(values), values.get("issuer_name", ""), language, issued_at),
        attachments=attachments,
        paper=paper,
    )


def title_of(values: Mapping[str, str]) -> str:
    """Return what a file says it is."""
    named = (values.get(name) for name in ("recipient_name", "course_title"))
    return " – ".join(filter(None, named)) or "Certificate"


@lru_cache(maxsize=_KEPT)
def compiled_html(source: HtmlSource, fonts: FontSet) -> Verdict:
    """Return a template without conditions, compiled and proved, or why it was not.

    Raises BadTemplate: a condition that falls away may take the half of a tag or a comment along.
    """
    images = dict(source.images)
    html_door.check(source.template, assets=images)
    try:
        page = compile_html(source.template, images=images, fonts=fonts, place=place_all)
        proof.prove(
            page,
            source.template,
            images=images,
            fonts=fonts,
            draw=lambda values: assemble(
                page.design, layer_of(page, values, language="en", fonts=fonts)
            ),
        )
    except Uneven as reason:
        return Verdict(None, str(reason))
    return Verdict(page, "")


def why_not_compiled(source: HtmlSource, values: Mapping[str, str]) -> str:
    """Return why a template is laid out anew for each certificate, or nothing."""
    chosen = html_door.choose(source.template, values)
    return compiled_html(replace(source, template=chosen), fonts_for(source.fonts)).why


def layer_of(
    page: HtmlPage,
    values: Mapping[str, str],
    *,
    language: str,
    fonts: FontSet,
    codes: Sequence[Picture] = (),
) -> Layer:
    """Return what is drawn over the still page. Raises CannotDraw."""
    canvas = Canvas(page.design.height)
    paragraphs = [
        Paragraph(slot.order, placed)
        for slot in page.slots
        for placed in _fill(slot, values, canvas=canvas, language=language, fonts=fonts)
    ]
    ground = canvas.bytes() if canvas.operators else b""
    return Layer(ground=ground, pictures=codes, paragraphs=paragraphs)


def _fill(
    slot: Slot, values: Mapping[str, str], *, canvas: Canvas, language: str, fonts: FontSet
) -> list[Placed]:
    """Set a line's parts one after another, shrunk together where the page has no room.

    Underlines and grounds that belong to it are drawn on the canvas.
    """
    names = [name for part in slot.parts for name in PLACEHOLDER.findall(part.words)]
    runs = []
    for part in slot.parts:
        pieces = words.fill(part.words, values)
        style = Style(
            families=(part.face.family,),
            weight=part.face.weight,
            italic=part.face.italic,
            language=language,
        )
        try:
            whole = paragraph(pieces, style, fonts)
            line = whole.line()
        except CannotDraw as error:
            raise CannotDraw(f"{' and '.join(names)}: {error.reason}") from error
        before, after = (
            _space(part) * (len(whole.text) - len(bare))
            for bare in (whole.text.lstrip(), whole.text.rstrip())
        )
        runs.append((part, line, before, after))
    width = sum((b + line.width * part.size / 1000 + a) for part, line, b, a in runs)
    share = min(1.0, slot.room / width) if width else 1.0
    if share < _LEAST_SHARE:
        raise CannotDraw(f"{' and '.join(names)}: the text is too long for its place in the design")
    pen = slot.x - width * share * slot.anchor
    height, placed = canvas.page_height, []
    for index, (part, line, before, after) in enumerate(runs):
        long = before + line.width * part.size / 1000 + after
        for rule in slot.rules:
            if rule.part == index and long:
                thick, top = rule.thickness * share, slot.y + (rule.above + rule.thickness) * share
                canvas.fill(rule.colour)
                canvas.rectangle(
                    *(pen / POINTS, height - top / POINTS), long * share / POINTS, thick / POINTS
                )
                canvas.paint("f")
        pen += before * share
        if line.runs:
            size = part.size * share
            baseline = height - slot.y / POINTS
            placed.append(Placed(line, pen / POINTS, baseline, size, part.colour))
        pen += (line.width * part.size / 1000 + after) * share
    return placed


def _space(part: Part) -> float:
    """Return the width of a space in points."""
    font = part.face.hb_font
    gid = font.get_nominal_glyph(ord(" "))
    advance = font.get_glyph_h_advance(gid) if gid else 0
    return float(advance * part.size / part.face.hb_face.upem)


def _codes(page: HtmlPage, values: Mapping[str, str]) -> list[Picture]:
    """Return the QR codes of a page. Raises CannotLayOut where it leaves a signed one no room."""
    link = values.get("verify_url", "")
    pictures = []
    for order, area, is_signed in page.codes if link else ():
        side = min(area.w, area.h)
        if is_signed and side < qr.LEAST_SIGNED - _ROUNDING:
            raise CannotLayOut(f"{qr.too_small(side)}. {qr.LARGER}")
        canvas = Canvas(page.design.height)
        said = qr.message(link, values.get(STATEMENT, "") if is_signed else "", side=side)
        qr.draw(canvas, area, said, colour=_INK, paper=_PAPER)
        pictures.append(Picture(order, canvas.bytes(), f"QR code: {link}"))
    return pictures


def _whole(chosen: str, source: HtmlSource, values: Mapping[str, str], fonts: FontSet) -> HtmlPage:
    """Let xhtml2pdf set the values too; what it would get wrong is held back."""
    for name in html_door.fields_of(chosen):
        value = values.get(name, "")
        for script in scripts(value, clusters(value)) if value else ():
            if script not in _STOCK:
                raise CannotDraw(f"{name}: this template cannot be compiled, so that {script} "
                                 "script would come out wrong")  # fmt: skip
    filled = html_door.fill(chosen, values)
    return take_whole(filled, images=dict(source.images), fonts=fonts, place=place_all)
