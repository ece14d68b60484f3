"""Turn text into shaped lines: order, script, font, glyphs and measure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import NamedTuple
from unicodedata import category, name, normalize

import uharfbuzz as hb

from templates_app.rendering import bidi, itemise
from templates_app.rendering.choice import CannotDraw, Style, choose, missing
from templates_app.rendering.fonts import Face, FontSet

__all__ = ["CannotDraw", "Glyph", "Line", "Paragraph", "Piece", "Run", "Style", "paragraph"]

_STROKE = 24  # thousandths of an em: what makes a regular weight pass for bold
_BOLD = 600
_MOST_GLYPHS = 16  # of a letter with its marks; what a font makes of one in a loop is thousands
_DOTTED_CIRCLE = 0x25CC  # shaping puts it where a mark has no letter to sit on


@dataclass(frozen=True)
class Piece:
    """A stretch of a line; a field's value is isolated, so that it cannot reorder the rest."""

    text: str
    is_value: bool = False


class Glyph(NamedTuple):
    """A glyph and where it goes, in thousandths of the size, from where the pen stands."""

    gid: int
    cluster: int
    advance: float
    dx: float
    dy: float


@dataclass(frozen=True)
class Run:
    """Glyphs of one face, left to right, and the text they stand for, in reading order.

    `stroke` is the width of an outline that stands in for a bold the family does not have.
    """

    face: Face
    text: str
    glyphs: tuple[Glyph, ...]
    is_rtl: bool
    stroke: float = 0


@dataclass(frozen=True)
class Line:
    """A shaped line. Measures are in thousandths of the size, y upwards from the baseline."""

    text: str
    runs: tuple[Run, ...] = field(repr=False)

    @cached_property
    def width(self) -> float:
        """The sum of advances."""
        return sum(glyph.advance for run in self.runs for glyph in run.glyphs)

    @cached_property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of what is really printed."""
        pen, sides = 0.0, [(1e9, 1e9, -1e9, -1e9)]
        for run in self.runs:
            swell, box_of = run.stroke / 2, run.face.box
            for gid, _, advance, dx, dy in run.glyphs:
                box = box_of(gid)
                if box is not None:
                    left, bottom, right, top = box
                    x, low, high = pen + dx, dy - swell, dy + swell
                    sides.append((x + left - swell, low + bottom, x + right + swell, high + top))
                pen += advance
        lefts, bottoms, rights, tops = zip(*sides, strict=True)
        ink = min(lefts), min(bottoms), max(rights), max(tops)
        return ink if ink[0] < ink[2] else (0.0, 0.0, 0.0, 0.0)


class _Cluster(NamedTuple):
    start: int
    end: int
    script: str
    face: Face
    level: int


@dataclass(frozen=True)
class Paragraph:
    """Text whose fonts and order are settled as a whole; lines are cut out of it."""

    text: str
    style: Style
    clusters: tuple[_Cluster, ...] = field(repr=False)

    def line(self, start: int = 0, end: int | None = None) -> Line:
        """Return a stretch as one shaped line, without the spaces at its ends."""
        text = self.text[start:end]
        first = start + len(text) - len(text.lstrip())
        last = start + len(text.rstrip())
        inside = [each for each in self.clusters if first <= each.start and each.end <= last]
        runs, levels = [], []
        for (level, script, face), members in groupby(
            inside, key=lambda each: (each.level, each.script, each.face)
        ):
            run = list(members)
            span = (run[0].start, run[-1].end)
            runs.append(
                _shape(self.text, span, face=face, script=script, level=level, style=self.style)
            )
            levels.append(level)
        return Line(
            text=self.text[first:last],
            runs=tuple(runs[index] for index in bidi.visual_order(levels)),
        )


def paragraph(pieces: Iterable[Piece], style: Style, fonts: FontSet) -> Paragraph:
    """Settle fonts and order; raise CannotDraw for text that would not come out right."""
    text, isolates = "", []
    for piece in pieces:
        start = len(text)
        text += normalize("NFC", piece.text)
        if piece.is_value:
            isolates.append((start, len(text)))
    for letter in dict.fromkeys(text):
        if category(letter) in {"Cc", "Cs", "Cn", "Co"}:
            raise CannotDraw(f"U+{ord(letter):04X} is not a letter that can be printed")
    ranges = itemise.clusters(text)
    scripts = itemise.scripts(text, ranges)
    for (start, _), script in zip(ranges, scripts, strict=True):
        if script not in itemise.DRAWN and script not in fonts.vouched:
            raise CannotDraw(f"no font here draws {itemise.name_of(script, text[start])} script")
    faces = choose(text, ranges, scripts, style, fonts)
    levels = bidi.levels(text, int(style.direction == "rtl"), isolates)
    clusters = tuple(
        _Cluster(start, end, script, face, levels[start])
        for (start, end), script, face in zip(ranges, scripts, faces, strict=True)
    )
    return Paragraph(text=text, style=style, clusters=clusters)


def _shape(
    text: str, span: tuple[int, int], *, face: Face, script: str, level: int, style: Style
) -> Run:
    buffer = hb.Buffer()
    # The neighbours are given as context: a letter joins across a change of font.
    buffer.add_codepoints([ord(letter) for letter in text], span[0], span[1] - span[0])
    buffer.direction = "rtl" if level % 2 else "ltr"
    buffer.script = "Zyyy" if script == itemise.EMOJI else script
    buffer.language = style.language or style.around
    if level % 2 == 0:
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    # Marks and joiners keep a cluster of their own, so that each glyph tells its own letter.
    buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
    tracking = style.tracking if script in itemise.TRACKED else 0
    features = dict.fromkeys(style.features, True)
    if tracking:
        features |= {"liga": False, "clig": False, "dlig": False}
    try:
        hb.shape(face.hb_font, buffer, features)
    except MemoryError as error:  # what HarfBuzz calls it when it gives up on a loop
        raise CannotDraw(f"the font {face.family} makes glyphs without end") from error
    if len(buffer.glyph_infos) > _MOST_GLYPHS * (span[1] - span[0]):
        raise CannotDraw(f"the font {face.family} makes too many glyphs of its letters")
    scale = 1000 / face.hb_face.upem
    glyphs = []
    circle = face.hb_font.get_nominal_glyph(_DOTTED_CIRCLE) or -1
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise CannotDraw(missing(text[info.cluster], script))
        if info.codepoint == circle and chr(_DOTTED_CIRCLE) not in text:
            raise CannotDraw(f"{_letter(text[info.cluster])} has no letter before it to sit on")
        advance = position.x_advance * scale
        glyphs.append(
            Glyph(
                gid=info.codepoint,
                cluster=info.cluster - span[0],
                advance=advance + (tracking if advance else 0),
                dx=position.x_offset * scale,
                dy=position.y_offset * scale,
            )
        )
    thin = style.weight >= _BOLD > face.weight and script != itemise.EMOJI
    return Run(
        face=face,
        text=text[slice(*span)],
        glyphs=tuple(glyphs),
        is_rtl=level % 2 == 1,
        stroke=_STROKE if thin else 0,
    )


def _letter(letter: str) -> str:
    return f"U+{ord(letter):04X} {name(letter, '')}".strip()
