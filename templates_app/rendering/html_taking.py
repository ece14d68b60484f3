"""Take a page that was laid out into a file of our own, without what is set anew."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pikepdf

from templates_app.design import Area
from templates_app.rendering import html_door
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.carrying import Carrier
from templates_app.rendering.compiled import DOCUMENT, FIRST_STILL, PAGE, PAGES, Compiled
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.fonts import Face, FontSet
from templates_app.rendering.html_fonts import by_print_name
from templates_app.rendering.html_reading import Drawn, Font, Page, Shown
from templates_app.rendering.html_slots import (
    BULLETS,
    QR_IMAGE,
    QR_PIXELS,
    SIGNED_PIXELS,
    CodePlace,
    Following,
    HtmlPage,
    Part,
    Rule,
    Slot,
    plain,
)
from templates_app.rendering.pdf_writer import HEADER, Objects, references, xref_rows
from templates_app.rendering.tagging import ARTIFACT, Tag, figure, marked, paragraph

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r'\balt="([^"]*)"')
_EDGE = 18.0


class Taken:
    """A laid-out page on its way into a file of our own."""

    def __init__(self, source: pikepdf.Page, page: Page, template: str, fonts: FontSet) -> None:
        self.source, self.page, self.template, self.fonts = source, page, template, fonts
        self.faces = by_print_name(fonts)
        self.objects = Objects(first=FIRST_STILL, at=len(HEADER), level=9)
        self.objects.put(PAGES, b"<</Type/Pages/Kids%b/Count 1>>" % references([PAGE]))
        self.tags: list[Tag] = []
        self.content: list[bytes] = []
        box = [float(side) for side in source.mediabox]
        self.width, self.height = box[2] - box[0], box[3] - box[1]
        # Paper first: a raster of bare letters would have nothing to blend them with.
        paper = b"q 1 1 1 rg 0 0 %.2f %.2f re f Q" % (self.width, self.height)
        self.content.append(ARTIFACT % paper)

    def finished(
        self,
        lines: list[list[Shown]],
        growth: Mapping[int, float],
        fields: Sequence[str],
        *,
        following: Sequence[Following] = (),
    ) -> HtmlPage:
        """Write the page without what is set anew, and return it with the places of that."""
        variable = {shown.at for line in lines for shown in line}
        # Bullets of lists and the like come in fonts that no file may rely on: they are set anew.
        strange = [
            shown
            for shown in self.page.shown
            if shown.at not in variable and shown.text.strip() and not self._is_drawn(shown.font)
        ]
        lines = [*lines, *([shown] for shown in strange)]
        variable |= {shown.at for shown in strange}
        kept = [shown for shown in self.page.shown if shown.at not in variable]
        self._check_words(kept)
        codes = self._codes()
        gone = variable | {code.order for code in codes} | self._foreign()
        gone |= {at for each in following for at in each.ruled.ats}
        self._write(gone)
        return HtmlPage(
            design=self._compiled(),
            slots=tuple(
                replace(
                    self._slot(line, growth.get(line[0].at, 0.0), fields),
                    rules=_rules(line, following),
                )
                for line in lines
            ),
            codes=codes,
        )

    def _foreign(self) -> set[int]:
        """Return the operators of fonts that are not ours: reportlab names one on every page."""
        gone, foreign = set(), False
        fonts: Any = self.source.obj.Resources.get("/Font", {})
        for at, instruction in enumerate(self.page.instructions):
            operator = str(instruction.operator)
            if operator == "Tf":
                foreign = not self._is_drawn(Font(fonts[str(instruction.operands[0])]).name)
            if foreign and operator in {"Tf", "Tj", "TJ"}:
                gone.add(at)
        return gone

    def _is_drawn(self, name: str) -> bool:
        """Say whether xhtml2pdf drew with a font of ours: for cubic ones it had a stand-in."""
        return name in self.faces and not self.faces[name].is_cff

    def _check_words(self, kept: Sequence[Shown]) -> None:
        """Refuse fixed words with letters that their font lacks, or that went missing."""
        there = {
            letter
            for shown in self.page.shown
            for text in (shown.text, BULLETS.get(shown.text, ""))
            for letter in text.casefold()
        }
        for letter in sorted(html_door.fixed_letters(self.template)):
            if not there.issuperset(letter.casefold()):
                raise CannotLayOut(
                    f"“{letter}” (U+{ord(letter):04X}) cannot be printed as fixed text of HTML; "
                    "a layout or a field can print more scripts"
                )
        for shown in kept:
            if not shown.text.strip():
                continue
            face = self._face(shown)
            for letter in shown.text:
                if not letter.isspace() and ord(letter) not in face.letters:
                    raise CannotLayOut(f"{face.family} has no “{letter}” (U+{ord(letter):04X})")

    def _face(self, shown: Shown) -> Face:
        if shown.font in self.faces:
            return self.faces[shown.font]
        bold, italic = "Bold" in shown.font, "Oblique" in shown.font or "Italic" in shown.font
        face = self.fonts.nearest("Noto Sans", weight=700 if bold else 400, italic=italic)
        if face is None:
            raise CannotLayOut(f"“{shown.text[:40]}” is set in {shown.font}, which is not embedded")
        return face

    def _codes(self) -> tuple[CodePlace, ...]:
        """Return where the images stand that were laid out in place of codes."""
        found = []
        for drawn in self.page.drawn:
            image = self.source.obj.Resources.XObject[drawn.name]
            size = int(image.get("/Width", 0)), int(image.get("/Height", 0))
            if size in {(QR_PIXELS,) * 2, (SIGNED_PIXELS,) * 2}:
                is_signed = size[0] == SIGNED_PIXELS
                found.append(CodePlace(drawn.at, self._area(drawn), is_signed))
        return tuple(found)

    def _area(self, drawn: Drawn) -> Area:
        x, y, w, h = drawn.area
        top = self.height - y - h
        return Area(x / POINTS, top / POINTS, w / POINTS, h / POINTS)

    def _slot(self, line: list[Shown], anchor: float, fields: Sequence[str]) -> Slot:
        first, last = line[0], line[-1]
        start, end = first.x, last.x + last.width
        x = start + (end - start) * anchor
        left, right = x - _EDGE, self.width - _EDGE - x
        room = {0.0: right, 0.5: 2 * min(left, right), 1.0: left}[anchor]
        parts = tuple(
            Part(plain([shown], fields), self._face(shown), shown.size, shown.colour)
            for shown in line
        )
        return Slot(first.at, parts, anchor, x, first.y, room)

    def _write(self, gone: set[int]) -> None:
        """Write the content: text as paragraphs, images as figures, the rest as artifacts."""
        words = [
            match[1] if (match := _ALT.search(tag)) else ""
            for tag in _IMAGE.findall(html_door.split_styles(self.template)[0])
            if not QR_IMAGE.match(tag)
        ]
        images = [drawn.at for drawn in self.page.drawn if drawn.at not in gone]
        told = dict(zip(images, words, strict=False)) if len(images) == len(words) else {}
        rest: list[object] = []
        text: list[object] | None = None
        began = 0
        for at, instruction in enumerate(self.page.instructions):
            operator = str(instruction.operator)
            if operator == "BT":
                text, began = [], at
            if text is not None:
                if at not in gone:
                    text.append(instruction)
                if operator == "ET":
                    self._artifact(rest)
                    rest = []
                    self._paragraph(began, text)
                    text = None
            elif told.get(at):
                self._artifact(rest)
                rest = []
                self._figure(at, instruction, told[at])
            elif at not in gone:
                rest.append(instruction)
        self._artifact(rest)

    def _artifact(self, instructions: list[object]) -> None:
        if instructions:
            self.content.append(ARTIFACT % pikepdf.unparse_content_stream(instructions))  # type: ignore[arg-type]

    def _paragraph(self, order: int, instructions: list[object]) -> None:
        content = pikepdf.unparse_content_stream(instructions)  # type: ignore[arg-type]
        if not re.search(rb"T[jJ]\b", content):
            self.content.append(content + b"\n")
            return
        mark = len(self.tags)
        self.tags.append(
            paragraph(self.objects, order=order, mark=mark, page=PAGE, parent=DOCUMENT)
        )
        self.content.append(marked("P", mark, content))

    def _figure(self, order: int, instruction: object, words: str) -> None:
        mark = len(self.tags)
        self.tags.append(
            figure(self.objects, order=order, mark=mark, page=PAGE, parent=DOCUMENT, words=words)
        )
        content = pikepdf.unparse_content_stream([instruction])  # type: ignore[list-item]
        self.content.append(marked("Figure", mark, content))

    def _compiled(self) -> Compiled:
        resources = self.source.obj.Resources
        carrier = Carrier(self.objects)
        used = self._used_names()
        fonts = b"".join(
            pikepdf.Name(name).unparse() + b" " + carrier.value(font)
            for name, font in sorted(resources.get("/Font", {}).items())
            if name in used
        )
        others = carrier.entries(resources, but=frozenset({"/Font", "/XObject", "/ProcSet"}))
        pictures = b"".join(
            pikepdf.Name(name).unparse() + b" " + carrier.value(image)
            for name, image in sorted(resources.get("/XObject", {}).items())
            if name in used
        )
        content = self.objects.stream(b"q\n" + b"".join(self.content) + b"\nQ\n")
        prefix = HEADER + self.objects.bytes()
        offsets = self.objects.offsets
        return Compiled(
            width=self.width / POINTS,
            height=self.height / POINTS,
            paper="#ffffff",
            prefix=prefix,
            digest=hashlib.sha256(prefix).digest(),
            pages_at=offsets[PAGES],
            rows=xref_rows(offsets[number] for number in range(FIRST_STILL, self.objects.free)),
            free=self.objects.free,
            content=content,
            fonts=fonts,
            resources=others + b"/XObject<<%b>>" % pictures,
            tags=tuple(self.tags),
            marks=len(self.tags),
        )

    def _used_names(self) -> set[str]:
        """Return the resources that what is left of the content refers to."""
        return {
            "/" + name.decode("latin-1")
            for first, second in pairwise(re.split(rb"\s+", b" ".join(self.content)))
            for name in (first.removeprefix(b"/"),)
            if first.startswith(b"/") and (second == b"Do" or re.fullmatch(rb"[\d.]+", second))
        }


def _rules(line: Sequence[Shown], following: Sequence[Following]) -> tuple[Rule, ...]:
    return tuple(
        Rule(each.part, each.ruled.area[1] - line[0].y, each.ruled.area[3], each.ruled.colour)
        for each in dict.fromkeys(following)
        if each.line == line[0].at
    )
