"""Compile a design: lay it out once and write everything that never changes as one prefix.

xhtml2pdf lays out images and shapes; ornaments and fixed words are drawn beneath and above them
by the same code that draws names, because xhtml2pdf neither kerns nor orders Arabic.
"""

import base64
import hashlib
import io
from collections.abc import Callable
from functools import partial

import pikepdf

from sandbox.running import Failed, Stopped
from templates_app.design import Image, Layout, Ornament, Shape, Source, Text
from templates_app.inks import mix
from templates_app.layout import colour, spoken
from templates_app.rendering import words
from templates_app.rendering.boxes_html import STAND_IN, image_area, page_html
from templates_app.rendering.canvas import Canvas
from templates_app.rendering.carrying import Carrier
from templates_app.rendering.compiled import DOCUMENT, FIRST_STILL, PAGE, PAGES, Compiled
from templates_app.rendering.embed import write_text
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.image_objects import open_image, shrink, write_image
from templates_app.rendering.ornament import PATTERNS
from templates_app.rendering.pdf_writer import HEADER, Objects, references, xref_rows
from templates_app.rendering.tagging import ARTIFACT, Tag, figure, marked, paragraph

# One grey pixel as PNG.
_DOT = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage
Place = Callable[[str, dict[str, bytes]], bytes]
"""Turns HTML and the files it names into a PDF."""


class CannotLayOut(Exception):
    """A design that could not be laid out; `cause` is layout, timeout or resource_limit."""

    def __init__(self, reason: str, cause: str = "layout") -> None:
        super().__init__(reason)
        self.cause = cause

    @property
    def is_final(self) -> bool:
        """Say whether another try must end the same way."""
        return self.cause == "layout"


def compile_design(
    layout: Layout, source: Source, language: str, *, fonts: FontSet, place: Place
) -> Compiled:
    """Return a design in one of the languages it speaks. Raises CannotLayOut."""
    still = _Still(layout, source, language, fonts)
    still.draw_ground()
    still.draw_images_and_shapes(place)
    still.draw_fixed_words()
    return still.compiled()


class _Still:
    """The still part of a page while it is put together."""

    def __init__(self, layout: Layout, source: Source, language: str, fonts: FontSet) -> None:
        self.layout, self.source, self.language, self.fonts = layout, source, language, fonts
        self.objects = Objects(first=FIRST_STILL, at=len(HEADER), level=9)
        self.objects.put(PAGES, b"<</Type/Pages/Kids%b/Count 1>>" % references([PAGE]))
        self.content: list[bytes] = []
        self.tags: list[Tag] = []
        self.faces: dict[str, int] = {}
        self.xobjects: dict[str, int] = {}
        self.states = b""

    def draw_ground(self) -> None:
        """Draw the paper and the ornaments on it."""
        layout = self.layout
        canvas = Canvas(layout.height)
        canvas.fill(colour(layout, "paper"))
        canvas.rectangle(0, 0, layout.width, layout.height)
        canvas.paint("f")
        for box in layout.boxes:
            if isinstance(box, Ornament):
                tints = (partial(_tint, layout, token) for token in (box.colour, box.accent))
                PATTERNS[box.pattern](canvas, box.area, *tints)
        self.content.append(ARTIFACT % canvas.bytes())

    def draw_images_and_shapes(self, place: Place) -> None:
        """Let xhtml2pdf place images and shapes; it is given this design's images alone."""
        layout, source = self.layout, self.source
        if not any(isinstance(box, Image | Shape) for box in layout.boxes):
            return
        boxes = [
            (order, box)
            for order, box in enumerate(layout.boxes)
            if isinstance(box, Image) and box.asset in source.assets
        ]
        try:
            images = {
                name: open_image(source.assets[name]) for name in {box.asset for _, box in boxes}
            }
            html = page_html(layout, {name: image.size for name, image in images.items()})
            placed = place(html, {STAND_IN: _DOT})
        except Stopped as stop:
            raise CannotLayOut(f"laying the design out {stop}", stop.limit) from stop
        except Failed as failure:
            raise CannotLayOut(str(failure)) from failure
        except Exception as error:  # whatever a library raises, the design is at fault
            raise CannotLayOut(f"{type(error).__name__}: {error}") from error
        for name in sorted(images):
            areas = [image_area(box, images[name].size) for _, box in boxes if box.asset == name]
            wide, high = max(area.w for area in areas), max(area.h for area in areas)
            picture = shrink(images[name], width=wide, height=high)
            self.xobjects[name] = write_image(self.objects, picture)
        self._take_over(placed, boxes)

    def _take_over(self, placed: bytes, boxes: list[tuple[int, Image]]) -> None:
        """Take what xhtml2pdf drew, our own images in place of its, without its empty texts."""
        with pikepdf.open(io.BytesIO(placed)) as pdf:
            if len(pdf.pages) != 1:
                raise CannotLayOut(f"the design takes {len(pdf.pages)} pages instead of one")
            page = pdf.pages[0]
            self.states = Carrier(self.objects).entries(
                page.obj.Resources, but=frozenset({"/Font", "/XObject", "/ProcSet"})
            )
            parts: list[bytes] = []
            shapes: list[Instruction] = []
            drawn, in_text = 0, False
            for instruction in pikepdf.parse_content_stream(page):
                operator = str(instruction.operator)
                in_text |= operator == "BT"
                if operator == "Do":
                    parts.append(ARTIFACT % pikepdf.unparse_content_stream(shapes))
                    shapes = []
                    if drawn < len(boxes):
                        parts.append(self._image(*boxes[drawn]))
                    drawn += 1
                elif not in_text:
                    shapes.append(instruction)
                in_text &= operator != "ET"
            # An image that xhtml2pdf cannot use is left out with no more than a line in the log.
            if drawn != len(boxes):
                missing = len(boxes) - drawn
                raise CannotLayOut(f"{missing} of {len(boxes)} images could not be drawn")
            parts.append(ARTIFACT % pikepdf.unparse_content_stream(shapes))
        self.content.append(b"q\n%bQ\n" % b"".join(parts))

    def _image(self, order: int, box: Image) -> bytes:
        show = b"/I%d Do" % sorted(self.xobjects).index(box.asset)
        alternative = spoken(box.alternative, self.language, self.layout.language)
        if not alternative:
            return ARTIFACT % show
        mark = len(self.tags)
        self.tags.append(
            figure(
                self.objects, order=order, mark=mark, page=PAGE, parent=DOCUMENT, words=alternative
            )
        )
        return marked("Figure", mark, show)

    def draw_fixed_words(self) -> None:
        """Set what reads the same on every certificate."""
        fixed = [
            (order, placed)
            for order, box in enumerate(self.layout.boxes)
            if isinstance(box, Text) and words.is_fixed(box, self.layout, self.language)
            for placed in words.place(box, self.layout, {}, wording=self.language, fonts=self.fonts)
        ]
        self.faces, lines = write_text(
            self.objects,
            [placed for _, placed in fixed],
            page_height=self.layout.height,
            prefix="S",
        )
        for (order, _), line in zip(fixed, lines, strict=True):
            mark = len(self.tags)
            self.tags.append(
                paragraph(self.objects, order=order, mark=mark, page=PAGE, parent=DOCUMENT)
            )
            self.content.append(marked("P", mark, line.encode("ascii")))

    def compiled(self) -> Compiled:
        """Return what was drawn, as bytes that every file begins with."""
        content = self.objects.stream(b"".join(self.content))
        offsets = self.objects.offsets
        images = (
            b"/I%d %d 0 R" % (i, self.xobjects[n]) for i, n in enumerate(sorted(self.xobjects))
        )
        prefix = HEADER + self.objects.bytes()
        return Compiled(
            width=self.layout.width,
            height=self.layout.height,
            paper=colour(self.layout, "paper"),
            prefix=prefix,
            digest=hashlib.sha256(prefix).digest(),
            pages_at=offsets[PAGES],
            rows=xref_rows(offsets[number] for number in range(FIRST_STILL, self.objects.free)),
            free=self.objects.free,
            content=content,
            fonts=b"".join(b"/%b %d 0 R" % (n.encode(), at) for n, at in self.faces.items()),
            resources=self.states + b"/XObject<<%b>>" % b"".join(images),
            tags=tuple(self.tags),
            marks=len(self.tags),
        )


def _tint(layout: Layout, token: str, share: float) -> str:
    return mix(colour(layout, token), colour(layout, "paper"), round(share * 100) / 100)
