"""A tenant's HTML at the door: grammar, tags, CSS; what is not allowed is named by its line.

Neither Django's engine nor any other sees it: fields are put in by one regular expression, and
what a value looks like never matters, because values are escaped.
"""

import re
from collections.abc import Collection, Mapping
from html import escape, unescape
from html.parser import HTMLParser

import nh3

from templates_app.design import FIELDS, Content
from templates_app.rendering.fonts import is_ignorable

MOST_BYTES = 256 * 1024
_DEEPEST = 40
_FIELD = re.compile(r"\{\{ ?([a-z_]+(?:\.[A-Za-z0-9_-]+)?) ?\}\}")
_CONDITION = re.compile(
    r"\{\{#if ([a-z_]+(?:\.[A-Za-z0-9_-]+)?) ?\}\}((?:(?!\{\{#if|\{\{/if).)*)\{\{/if\}\}", re.DOTALL
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BRACES = re.compile(r"\{\{|\{%|\}\}|\{#")
_URL = re.compile(r"url\(\s*[\"']?([A-Za-z0-9._-]*)[\"']?\s*\)", re.IGNORECASE)
_FORBIDDEN_CSS = (
    (re.compile(r"\\"), "may hold no backslashes"),
    (re.compile(r"@\s*(?!page\b|media\b)[a-z-]+", re.IGNORECASE), "may hold no @-rule but @page"),
    (re.compile(r"expression\s*\(|javascript:|-moz-binding|behavior\s*:", re.IGNORECASE),
     "may hold no code"),
    (re.compile(r"-pdf-(?!keep|page|frame|word)|\bsrc\s*:", re.IGNORECASE),
     "may not name files of its own"),
    # To a browser's parser `</style x>` ends the style too, and what follows is no longer CSS.
    (re.compile(r"</"), "may hold no tags"),
    # A value is checked by nobody: what is harmless as text may be an address in CSS.
    (_FIELD, "may hold no fields"),
)  # fmt: skip
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)\s*(pt|px|mm|cm|in|em|rem|pc)\b", re.IGNORECASE)
_LONGEST = {"pt": 3000, "px": 4000, "mm": 1000, "cm": 100, "in": 40, "em": 60, "rem": 60, "pc": 250}
_STYLE = re.compile(r"<style[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_TAG_WORDS = """
a abbr article aside b big blockquote body br caption center cite code col colgroup dd div dl dt em
figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i img li main meta ol p pre s
section small span strong style sub sup table tbody td tfoot th thead title tr tt u ul
"""
_ATTRIBUTE_WORDS = """
align alt bgcolor border cellpadding cellspacing charset class color colspan content data-content
data-field dir
face height id lang name rowspan size span src style title type valign width
"""
_TAGS = frozenset(_TAG_WORDS.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_WORDS.split())
_NESTING = frozenset({"table", "div", "ul", "ol", "blockquote", "section"})
_MOST_SPAN = 50


class BadTemplate(ValueError):
    """A template that is refused; `line` is 0 where the whole of it is meant."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


def check(template: str, *, assets: Collection[str]) -> None:
    """Refuse what no template may hold; `assets` are the names of the tenant's images."""
    if len(template.encode()) > MOST_BYTES:
        raise BadTemplate(0, f"the template is larger than {MOST_BYTES // 1024} KiB")
    _check_fields(template)
    for style in _STYLE.finditer(template):
        _check_css(style[1], template, style.start(1), assets)
    scan = _Scan(assets)
    scan.feed(template)
    scan.close()


def fields_of(template: str) -> list[str]:
    """Return the fields in the order they are printed in, each as often as it is."""
    return _FIELD.findall(_CONDITION.sub(lambda match: match[2], template))


def choose(template: str, values: Mapping[str, str]) -> str:
    """Return the template with the parts whose condition holds, without the others."""
    return _CONDITION.sub(lambda m: m[2] if values.get(m[1], "").strip() else "", template)


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return the template with escaped values in place of fields."""
    return _FIELD.sub(lambda match: escape(words.get(match[1], "")), template)


def replace_fields(template: str, words: list[str]) -> str:
    """Return the template with a word of its own for each place a field is printed in."""
    supply = iter(words)
    return _FIELD.sub(lambda _: next(supply), template)


def fixed_letters(template: str) -> set[str]:
    """Return the letters that the template itself prints, whatever the values are."""
    text = re.sub(
        r"<title.*?</title\s*>", "", _STYLE.sub("", template), flags=re.DOTALL | re.IGNORECASE
    )
    text = unescape(re.sub(r"<[^>]*>", "", _FIELD.sub("", text)))
    return {letter for letter in text if not letter.isspace() and not is_ignorable(letter)}


def split_styles(template: str) -> tuple[str, str]:
    """Return the body, cleaned by the allow-list, and all CSS of the template."""
    css = "\n".join(_STYLE.findall(template))
    body = nh3.clean(
        _STYLE.sub("", template),
        tags=set(_TAGS - {"html", "head", "body", "meta", "style", "title"}),
        clean_content_tags={"script", "title"},
        attributes={"*": set(_ATTRIBUTES)},
        url_schemes=set(),
        link_rel=None,
    )
    return body, css


def line_of(text: str, at: int) -> int:
    """Return the line, counted from 1, on which a place in a text lies."""
    return text.count("\n", 0, at) + 1


def _check_fields(template: str) -> None:
    for match in re.finditer(r"\{\{#if ([^ }]+)", template):
        _check_name(match[1], line_of(template, match.start()))
    for match in _FIELD.finditer(template):
        _check_name(match[1], line_of(template, match.start()))

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    def without_marks(match: re.Match[str]) -> str:
        return " " * match[0].index(match[2]) + match[2] if match[2] else blank(match)

    rest = _FIELD.sub(blank, _CONDITION.sub(without_marks, template))
    wrong = _BRACES.search(rest)
    if wrong is not None:
        raise BadTemplate(
            line_of(rest, wrong.start()),
            "braces may hold {{ field }} or {{#if field}} … {{/if}}, not nested, and nothing else",
        )


def _check_name(name: str, line: int) -> None:
    if name not in FIELDS and not name.startswith("custom."):
        raise BadTemplate(line, f"there is no field “{name}”")


def _check_css(css: str, template: str, start: int, assets: Collection[str]) -> None:
    line = line_of(template, start)
    # As the parser does before it reads a word: `@/**/import` is an import.
    css = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), css)
    for pattern, reason in _FORBIDDEN_CSS:
        found = pattern.search(css)
        if found is not None:
            raise BadTemplate(line + line_of(css, found.start()) - 1, f"CSS {reason}")
    for number, unit in _LENGTH.findall(css):
        if abs(float(number)) > _LONGEST[unit.lower()]:
            raise BadTemplate(line, f"CSS length {number}{unit} is too long")
    for match in _URL.finditer(css):
        if match[1] not in assets:
            raise BadTemplate(
                line + line_of(css, match.start()) - 1, f"there is no image “{match[1]}”"
            )
    if re.search(r"url", _URL.sub("", css), re.IGNORECASE):
        raise BadTemplate(line, "CSS url(…) may name one of the template’s images and nothing else")


class _Scan(HTMLParser):
    """Walks the tags once and refuses what is not on the list, where it stands."""

    def __init__(self, assets: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.assets = assets
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if tag not in _TAGS:
            raise BadTemplate(line, f"<{tag}> is not allowed")
        self.depth += tag in _NESTING
        if self.depth > _DEEPEST:
            raise BadTemplate(line, f"elements are nested more than {_DEEPEST} deep")
        for name, value in attrs:
            self._check_attribute(tag, name, value or "", line)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NESTING:  # a stray end closes nothing
            self.depth = max(0, self.depth - 1)

    def handle_pi(self, data: str) -> None:
        raise BadTemplate(self.getpos()[0], f"<?{data[:20]} is not allowed")

    def unknown_decl(self, data: str) -> None:
        raise BadTemplate(self.getpos()[0], f"<![{data[:20]} is not allowed")

    def _check_attribute(self, tag: str, name: str, value: str, line: int) -> None:
        if name not in _ATTRIBUTES:
            raise BadTemplate(line, f"the attribute {name} of <{tag}> is not allowed")
        if name == "style":
            _check_css(value, "\n" * (line - 1), line - 1, self.assets)
        elif name == "data-content" and value not in {*Content}:
            raise BadTemplate(line, f"data-content must be {' or '.join(Content)}")
        elif name == "src" and value not in self.assets:
            raise BadTemplate(line, f"there is no image “{value[:80]}”")
        elif name in {"colspan", "rowspan", "span"} and not _is_small(value):
            raise BadTemplate(line, f"{name} must be a number up to {_MOST_SPAN}")


def _is_small(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 4 and int(value) <= _MOST_SPAN  # noqa: PLR2004
