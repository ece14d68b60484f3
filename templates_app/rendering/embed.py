"""Put shaped lines into a PDF: glyph positions, and text that can be taken out again."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import pikepdf
from pikepdf import Array, Dictionary, Name

from templates_app.rendering.canvas import POINTS, number, rgb
from templates_app.rendering.composite import Composite
from templates_app.rendering.font_objects import Subset, Used, as_one, subset, write_font
from templates_app.rendering.fonts import Face
from templates_app.rendering.itemise import clusters
from templates_app.rendering.pdf_writer import Objects
from templates_app.rendering.setting import Placed
from templates_app.rendering.text import Glyph, Run

_KEPT = 512
_SPACE = 80  # thousandths of an em: poppler takes 100 for a space

# Glyphs that one operator shows: the shift before each, what is drawn, the text it tells.
Shown = tuple[tuple[str, int | Composite, str], ...]


def write_text(
    objects: Objects, lines: Sequence[Placed], *, page_height: float, prefix: str
) -> tuple[dict[str, int], list[str]]:
    """Write the lines' fonts; return their object numbers by name, and each line's operators."""
    used, content = _draw(lines, page_height, prefix)
    fonts = {each.name: write_font(objects, subset(face, each)) for face, each in used.items()}
    return fonts, content


def add_text(
    pdf: pikepdf.Pdf, lines: Sequence[Placed], *, page_height: float, prefix: str
) -> tuple[dict[str, pikepdf.Object], bytes]:
    """Add the lines' fonts to an open document; return them by name, and the content."""
    used, content = _draw(lines, page_height, prefix)
    fonts = {each.name: _embed(pdf, subset(face, each)) for face, each in used.items()}
    return fonts, "\n".join(content).encode("ascii")


def _draw(
    lines: Sequence[Placed], page_height: float, prefix: str
) -> tuple[dict[Face, Used], list[str]]:
    used: dict[Face, Used] = {}
    for placed in lines:
        for run in placed.line.runs:
            used.setdefault(run.face, Used(f"{prefix}{len(used)}"))
    return used, [_show(placed, used, page_height) for placed in lines]


def _show(placed: Placed, used: dict[Face, Used], page_height: float) -> str:
    """Return the operators that draw one line (ISO 32000-2 §9.4)."""
    parts = [f"BT {rgb(placed.colour)} rg"]
    x, y = placed.x * POINTS, (page_height - placed.baseline) * POINTS
    for run in placed.line.runs:
        if run.stroke:  # filled and outlined, with round corners (§9.3.6)
            width = number(run.stroke * placed.size / 1000)
            parts.append(f"2 Tr 1 j {width} w {rgb(placed.colour)} RG")
        parts.append(f"/{used[run.face].name} {number(placed.size)} Tf")
        parts.append(f"1 0 0 1 {number(x)} {number(y)} Tm")
        parts.extend(_run_operators(run, used[run.face], placed.size))
        if run.stroke:
            parts.append("0 Tr")
        x += sum(glyph.advance for glyph in run.glyphs) * placed.size / 1000
    return "\n".join([*parts, "ET"])


def _run_operators(run: Run, book: Used, size: float) -> list[str]:
    """Return the operators that show a run, with the codes that this document's font has."""
    operators, shown = [], ""
    for step in _steps(run, size):
        if isinstance(step, str):
            operators.append(step)
            continue
        for shift, glyph, text in step:
            code = book.code(glyph, text) if isinstance(glyph, int) else book.merged(glyph, text)
            shown += f"{shift}<{code:04X}>"
        operators.append(f"[{shown}] TJ")
        shown = ""
    return operators


@lru_cache(maxsize=_KEPT)
def _steps(run: Run, size: float) -> tuple[str | Shown, ...]:
    """Return what shows a run, but for the codes.

    One glyph tells its text itself, several are told theirs. Right to left a letter and its
    marks become one glyph, told back to front, because readers turn what they copy around.
    Most runs are on the next certificate too: they are kept.
    """
    scale = 1000 / run.face.hb_face.upem
    writer = _Writer(size)

    def show(glyph: Glyph, text: str) -> None:
        own = round(run.face.hb_font.get_glyph_h_advance(glyph.gid) * scale, 2)
        writer.show(glyph, glyph.gid, text, own)

    for text, glyphs in _told(run):
        if run.is_rtl and (len(glyphs) > 1 or _stands_off(run, glyphs[0], scale)):
            whole = Glyph(-1, 0, advance=sum(glyph.advance for glyph in glyphs), dx=0, dy=0)
            made = as_one(glyphs, scale)
            writer.show(whole, made, text[::-1], round(made.advance * scale, 2))
            continue
        if len(glyphs) == 1:
            show(glyphs[0], text)
            continue
        writer.operator(f"/Span <</ActualText <FEFF{_utf16(text)}>>> BDC")
        for glyph in glyphs:
            show(glyph, "")
        space = run.face.hb_font.get_nominal_glyph(ord(" "))
        if space and not run.is_rtl and not glyphs[-1].advance:
            # Readers measure the span from its first glyph to its last: end it where the
            # letter ends, not the mark, or they see a space behind it.
            wide = run.face.hb_font.get_glyph_h_advance(space) * scale
            show(Glyph(space, glyphs[0].cluster, advance=0, dx=-wide, dy=0), "")
        writer.operator("EMC")
    writer.raise_to(0)
    return writer.finished()


def _stands_off(run: Run, glyph: Glyph, scale: float) -> bool:
    """Say whether kerning moves the next letter so far that readers see a space or a new line."""
    own: float = run.face.hb_font.get_glyph_h_advance(glyph.gid) * scale
    return abs(glyph.advance - own) > _SPACE


def _told(run: Run) -> Iterator[tuple[str, list[Glyph]]]:
    """Yield text and the glyphs that stand for it, from left to right.

    A letter and the marks on it are told together. Left to right the whole run is, where it has
    any: readers take the shift of a mark for a space, or for another line.
    """
    whole = {start for start, _ in clusters(run.text)}
    starts = sorted({glyph.cluster for glyph in run.glyphs} & whole)
    told = list(_by_cluster(run, starts))
    if not run.is_rtl and any(len(glyphs) > 1 for _, glyphs in told):
        told = list(_by_cluster(run, starts[:1]))
    yield from told


def _by_cluster(run: Run, starts: list[int]) -> Iterator[tuple[str, list[Glyph]]]:
    ends = [*starts[1:], len(run.text)]
    for index, members in groupby(
        run.glyphs, key=lambda glyph: bisect_right(starts, glyph.cluster) - 1
    ):
        yield run.text[starts[index] : ends[index]], list(members)


class _Writer:
    """Collects glyphs and shifts into as few text operators as they need."""

    def __init__(self, size: float) -> None:
        self.size = size
        self.steps: list[str | Shown] = []
        self.shown: list[tuple[str, int | Composite, str]] = []
        self.rise = 0.0
        self.pen = 0.0  # where shaping puts the pen
        self.drawn = 0.0  # where the operators so far have put it

    def show(self, glyph: Glyph, drawn: int | Composite, text: str, own_advance: float) -> None:
        self.raise_to(glyph.dy)
        move = round(self.pen + glyph.dx - self.drawn, 2)
        self.shown.append((number(-move) if move else "", drawn, text))
        self.drawn += move + own_advance
        self.pen += glyph.advance

    def raise_to(self, rise: float) -> None:
        if rise != self.rise:
            self.rise = rise
            self.operator(f"{number(rise * self.size / 1000)} Ts")

    def operator(self, text: str) -> None:
        self.flush()
        self.steps.append(text)

    def flush(self) -> None:
        if self.shown:
            self.steps.append(tuple(self.shown))
            self.shown = []

    def finished(self) -> tuple[str | Shown, ...]:
        self.flush()
        return tuple(self.steps)


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _embed(pdf: pikepdf.Pdf, font: Subset) -> pikepdf.Object:
    """Return a font as objects of an open document, the slow way that `write_font` must equal."""
    name = Name(f"/{font.name}")
    file = pdf.make_stream(font.data, Length1=len(font.data))
    descriptor = Dictionary(Type=Name.FontDescriptor, FontName=name, FontFile2=file)
    for key, value in font.descriptor.items():
        descriptor[f"/{key}"] = Array(value) if isinstance(value, list) else value
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        CIDToGIDMap=pdf.make_stream(font.glyph_of_code),
        DW=1000,
        W=Array([1, Array(font.widths)]),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(font.to_unicode),
        )
    )
