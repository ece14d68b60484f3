"""Read a JSON layout into a `Layout`; what is wrong is named by JSON pointer (RFC 6901)."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from templates_app.design import (
    Align,
    Area,
    Box,
    Content,
    Image,
    Layout,
    Ornament,
    Qr,
    Shape,
    Sit,
    Text,
)
from templates_app.inks import mix

PLACEHOLDER = re.compile(r"\{\{ ?([a-z_]+(?:\.[A-Za-z0-9_-]+)?) ?\}\}")
FEATURES = frozenset({"smcp", "c2sc", "lnum", "onum", "tnum", "pnum"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TOKEN = re.compile(r"([a-z][a-z0-9_-]*)(?: (100|\d{1,2})%)?")
_COLOURS = {"ink": "#16202b", "paper": "#ffffff"}
_LARGEST = 1000.0
_MOST_BOXES = 200

Choice = TypeVar("Choice", bound=StrEnum)


class BadLayout(ValueError):
    """A layout that cannot be read, and where."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


def read_layout(document: Any) -> Layout:
    """Return the layout that the JSON document describes, or raise BadLayout."""
    top = _Reader(document, "")
    page = _Reader(top.take("page", dict), "/page")
    theme = _Reader(top.take("theme", dict, {}), "/theme")
    boxes = top.take("boxes", list)
    if len(boxes) > _MOST_BOXES:
        raise BadLayout("/boxes", f"must hold at most {_MOST_BOXES}")
    layout = Layout(
        width=page.number("width", at_least=50),
        height=page.number("height", at_least=50),
        language=top.take("language", str, "en"),
        title=top.words("title", "{{ course_title }}"),
        signatory=_signatory(top),
        colours=_colours(theme),
        fonts=_fonts(theme),
        boxes=tuple(_box(box, f"/boxes/{index}") for index, box in enumerate(boxes)),
    )
    for reader in (page, theme, top):
        reader.done()
    _check_tokens(layout)
    return layout


def colour(layout: Layout, token: str) -> str:
    """Return a token's colour as #rrggbb; `primary 12%` is that much of it on the paper."""
    match = _TOKEN.fullmatch(token)
    if match is None or match[1] not in layout.colours:
        raise KeyError(token)
    share = int(match[2] or 100) / 100
    return mix(layout.colours[match[1]], layout.colours["paper"], share)


def spoken(words: Mapping[str, str], language: str, default: str) -> str:
    """Return the words for a reader's language, else the design's own, else any there are."""
    for wanted in (language, language.split("-", 1)[0], default, ""):
        if wanted in words:
            return words[wanted]
    return next(iter(words.values()))


def wording_language(layout: Layout, language: str) -> str:
    """Return the language the design speaks to a reader of `language`; dates follow it."""
    languages = {key for box in layout.boxes if isinstance(box, Text) for key in box.words}
    for wanted in (language, language.split("-", 1)[0]):
        if wanted and wanted in languages:
            return wanted
    return layout.language


class _Reader:
    """One JSON object; whatever is not taken out of it was not understood."""

    def __init__(self, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            raise BadLayout(pointer, "must be an object")
        self.rest = dict(value)
        self.pointer = pointer

    def bad(self, key: str, reason: str) -> BadLayout:
        return BadLayout(f"{self.pointer}/{key}", reason)

    def take(self, key: str, kind: Any, default: Any = None) -> Any:
        if key not in self.rest:
            if default is None:
                raise self.bad(key, "is missing")
            return default
        value = self.rest.pop(key)
        # bool is an int to Python, not to the author of a layout.
        is_bool = isinstance(value, bool)
        if not isinstance(value, kind) or is_bool != (kind is bool):
            raise self.bad(key, "has the wrong type")
        return value

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        at_least: float = -_LARGEST,
        at_most: float = _LARGEST,
    ) -> float:
        value = float(self.take(key, (int, float), default))
        if not at_least <= value <= at_most:
            raise self.bad(key, f"must lie between {at_least:g} and {at_most:g}")
        return value

    def choice(self, key: str, options: type[Choice], default: Choice) -> Choice:
        value = self.take(key, str, default.value)
        if value not in {option.value for option in options}:
            raise self.bad(key, f"must be one of {', '.join(options)}")
        return options(value)

    def words(self, key: str, default: str | None = None) -> dict[str, str]:
        value = self.take(key, (str, dict), default)
        words = value if isinstance(value, dict) else {"": value}
        if not words:
            raise self.bad(key, "must hold some wording")
        for language, text in words.items():
            where = f"{key}/{language}" if language else key
            if not isinstance(text, str):
                raise self.bad(where, "must be text")
            if re.search(r"\{\{|\{%|\}\}", PLACEHOLDER.sub("", text)):
                raise self.bad(where, "may hold {{ fields }} and nothing else in braces")
        return words

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt member must not pass in silence."""
        for key in self.rest:
            raise self.bad(key, "is not known here")


def _colours(theme: _Reader) -> dict[str, str]:
    colours: dict[str, Any] = {**_COLOURS, **theme.take("colours", dict, {})}
    for name, value in colours.items():
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise theme.bad(f"colours/{name}", "must be a colour such as #0b5c6b")
    return colours


def _signatory(top: _Reader) -> dict[str, str]:
    """Who signs in words, for the fields signatory_name and signatory_title."""
    reader = _Reader(top.take("signatory", dict, {}), "/signatory")
    signatory = {key: reader.take(key, str, "") for key in ("name", "title")}
    reader.done()
    return signatory


def _fonts(theme: _Reader) -> dict[str, tuple[str, ...]]:
    fonts: dict[str, Any] = theme.take("fonts", dict, {})
    for name, families in fonts.items():
        if not isinstance(families, list) or not all(isinstance(each, str) for each in families):
            raise theme.bad(f"fonts/{name}", "must be a list of font families")
    return {name: tuple(families) for name, families in fonts.items()}


def _box(value: Any, pointer: str) -> Box:
    reader = _Reader(value, pointer)
    kind = reader.take("kind", str)
    if kind not in _KINDS:
        raise reader.bad("kind", f"must be one of {', '.join(_KINDS)}")
    area = Area(
        x=reader.number("x"),
        y=reader.number("y"),
        w=reader.number("w", at_least=0.05),
        h=reader.number("h", at_least=0.05),
    )
    box = _KINDS[kind](reader, area)
    reader.done()
    return box


def _text(reader: _Reader, area: Area) -> Text:
    size = reader.number("size", at_least=4)
    direction = reader.take("dir", str, "ltr")
    if direction not in {"ltr", "rtl"}:
        raise reader.bad("dir", "must be ltr or rtl")
    features = reader.take("features", list, [])
    if not FEATURES.issuperset(map(str, features)):
        raise reader.bad("features", f"may hold {', '.join(sorted(FEATURES))}")
    return Text(
        area=area,
        words=reader.words("text"),
        font=reader.take("font", str),
        size=size,
        min_size=reader.number("min_size", size, at_least=4),
        colour=reader.take("colour", str, "ink"),
        weight=reader.take("weight", int, 400),
        italic=reader.take("italic", bool, False),  # noqa: FBT003 - the default of a member
        align=reader.choice("align", Align, Align.START),
        sit=reader.choice("sit", Sit, Sit.BOTTOM),
        direction=direction,
        lines=int(reader.number("lines", 1, at_least=1, at_most=3)),
        tracking=reader.number("tracking", 0.0),
        features=tuple(features),
        shown_if=reader.take("if", str, ""),
    )


def _image(reader: _Reader, area: Area) -> Image:
    return Image(
        area=area,
        asset=reader.take("asset", str),
        align=reader.choice("align", Align, Align.CENTRE),
        sit=reader.choice("sit", Sit, Sit.MIDDLE),
        alternative=reader.words("alt", ""),
    )


def _shape(reader: _Reader, area: Area) -> Shape:
    return Shape(
        area=area,
        fill=reader.take("fill", str, ""),
        stroke=reader.take("stroke", str, ""),
        thickness=reader.number("thickness", 0.25, at_least=0),
    )


def _ornament(reader: _Reader, area: Area) -> Ornament:
    return Ornament(
        area=area,
        pattern=reader.take("pattern", str),
        colour=reader.take("colour", str),
        accent=reader.take("accent", str, "accent"),
    )


def _qr(reader: _Reader, area: Area) -> Qr:
    return Qr(
        area=area,
        colour=reader.take("colour", str, "ink"),
        content=reader.choice("content", Content, Content.LINK),
    )


_KINDS: dict[str, Callable[[_Reader, Area], Box]] = {
    "text": _text,
    "image": _image,
    "shape": _shape,
    "ornament": _ornament,
    "qr": _qr,
}


def _check_tokens(layout: Layout) -> None:
    """Refuse a box whose colour or font the theme does not name."""
    for index, box in enumerate(layout.boxes):
        for member in ("colour", "fill", "stroke", "accent"):
            token = getattr(box, member, "")
            if token:
                try:
                    colour(layout, token)
                except KeyError:
                    raise BadLayout(
                        f"/boxes/{index}/{member}", "is no colour of the theme"
                    ) from None
        if isinstance(box, Text) and box.font not in layout.fonts:
            raise BadLayout(f"/boxes/{index}/font", "is no font of the theme")
