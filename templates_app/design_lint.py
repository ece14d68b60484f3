"""What is wrong with a design, as a list a person can act on; a clean list may be published."""

from collections.abc import Iterator
from dataclasses import dataclass

from templates_app.design import (
    FIELDS,
    Area,
    Box,
    Content,
    Image,
    Layout,
    Ornament,
    Qr,
    Shape,
    Source,
    Text,
)
from templates_app.inks import contrast
from templates_app.layout import PLACEHOLDER, BadLayout, colour, read_layout, wording_language
from templates_app.rendering import qr, words
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.ornament import PATTERNS
from templates_app.rendering.text import CannotDraw
from templates_app.samples import SAMPLES

_LEAST_QR = 20.0  # millimetres; smaller codes fail on ordinary phones
_LEAST_CONTRAST = 4.5
_LEAST_NAME_CONTRAST = 7.0


@dataclass(frozen=True)
class Problem:
    """One fault: where it is, what it is, what to do about it."""

    pointer: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.problem}. {self.remedy}"


def lint(source: Source, fonts: FontSet) -> list[Problem]:
    """Return everything that keeps a design from being published."""
    try:
        layout = read_layout(source.layout)
    except BadLayout as error:
        return [Problem(error.pointer, error.reason, "Correct this member of the layout.")]
    problems = [*_theme(layout, fonts), *_whole(layout)]
    for index, box in enumerate(layout.boxes):
        where = f"/boxes/{index}"
        problems += _place(layout, box, where)
        if isinstance(box, Text):
            problems += _text(layout, box, where)
        elif isinstance(box, Image) and box.asset not in source.assets:
            problems.append(
                Problem(
                    f"{where}/asset",
                    f"there is no image “{box.asset}”",
                    "Upload it or remove the box.",
                )
            )
        elif isinstance(box, Qr):
            problems += _qr(layout, box, where)
        elif isinstance(box, Ornament) and box.pattern not in PATTERNS:
            known = ", ".join(PATTERNS)
            problems.append(
                Problem(f"{where}/pattern", f"no pattern “{box.pattern}”", f"Use one of {known}.")
            )
    # Words are tried last, and only where they can be set at all.
    return problems or list(_samples_fit(layout, fonts))


def _theme(layout: Layout, fonts: FontSet) -> Iterator[Problem]:
    known = fonts.families()
    for name, families in layout.fonts.items():
        for index, family in enumerate(families):
            if family not in known:
                yield Problem(
                    f"/theme/fonts/{name}/{index}",
                    f"there is no font “{family}”",
                    f"Use one of {', '.join(sorted(known))}.",
                )


def _whole(layout: Layout) -> Iterator[Problem]:
    fields = {
        name
        for box in layout.boxes
        if isinstance(box, Text)
        for text in box.words.values()
        for name in PLACEHOLDER.findall(text)
    }
    if "recipient_name" not in fields:
        yield Problem(
            "/boxes", "nobody’s name is on it", "Add a text box with {{ recipient_name }}."
        )
    if not any(isinstance(box, Qr) for box in layout.boxes):
        yield Problem("/boxes", "nobody can check it", "Add a QR box.")


def _place(layout: Layout, box: Box, where: str) -> Iterator[Problem]:
    area = box.area
    inside = (
        area.x >= 0
        and area.y >= 0
        and area.x + area.w <= layout.width
        and area.y + area.h <= layout.height
    )
    # Ornaments and shapes may bleed off the paper; what must be read may not.
    if not inside and not isinstance(box, Ornament | Shape):
        yield Problem(where, "the box leaves the page", "Move it or make it smaller.")


def _text(layout: Layout, box: Text, where: str) -> Iterator[Problem]:
    names = {name for text in box.words.values() for name in PLACEHOLDER.findall(text)}
    for name in sorted(names | ({box.shown_if} - {""})):
        if name not in FIELDS and not name.startswith("custom."):
            yield Problem(
                where, f"there is no field “{name}”", f"Use one of {', '.join(sorted(FIELDS))}."
            )
    least = _LEAST_NAME_CONTRAST if "recipient_name" in names else _LEAST_CONTRAST
    ratio = contrast(colour(layout, box.colour), _ground(layout, box.area))
    if ratio < least:
        yield Problem(
            f"{where}/colour",
            f"contrast is {ratio:.1f} : 1, less than {least:g} : 1",
            "Choose a darker colour for the words or a lighter one behind them.",
        )


def _ground(layout: Layout, area: Area) -> str:
    """Return the colour behind an area: the last filled shape that holds it, else the paper."""
    ground = colour(layout, "paper")
    for box in layout.boxes:
        if isinstance(box, Shape) and box.fill and _holds(box.area, area):
            ground = colour(layout, box.fill)
    return ground


def _qr(layout: Layout, box: Qr, where: str) -> Iterator[Problem]:
    side, is_signed = min(box.area.w, box.area.h), box.content is Content.SIGNED
    if is_signed and side < qr.LEAST_SIGNED:
        yield Problem(where, qr.too_small(side), qr.LARGER)
    elif side < _LEAST_QR:
        yield Problem(where, "the QR code is too small", f"Make it at least {_LEAST_QR:g} mm wide.")
    if contrast(colour(layout, box.colour), colour(layout, "paper")) < _LEAST_NAME_CONTRAST:
        yield Problem(f"{where}/colour", "the QR code is too pale", "Choose a darker colour.")
    for other in layout.boxes:
        if isinstance(other, Text | Image) and _overlap(box.area, other.area):
            yield Problem(
                where, "another box lies on the QR code", "Keep its area and white edge free."
            )


def _samples_fit(layout: Layout, fonts: FontSet) -> Iterator[Problem]:
    for name, sample in SAMPLES.items():
        wording = wording_language(layout, sample.language)
        for index, box in enumerate(layout.boxes):
            if isinstance(box, Text):
                try:
                    words.place(
                        box,
                        layout,
                        sample.values,
                        wording=wording,
                        language=sample.language,
                        fonts=fonts,
                    )
                except CannotDraw as error:
                    yield Problem(
                        f"/boxes/{index}",
                        f"with the sample “{name}”, {error.reason}",
                        "Make the box larger, allow more lines or a smaller min_size.",
                    )


def _holds(outer: Area, inner: Area) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and outer.x + outer.w >= inner.x + inner.w
        and outer.y + outer.h >= inner.y + inner.h
    )


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )
