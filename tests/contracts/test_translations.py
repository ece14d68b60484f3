"""Every sentence of the public pages exists in every language, and the catalogues are current."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

from certificates.templatetags import days

ROOT = Path(settings.ROOT)
TEMPLATES = [
    path
    for folder in ("public", "verification", "certificates", "mail")
    for path in sorted((ROOT / "templates" / folder).rglob("*.*"))
    if path.suffix in {".html", ".txt"}
]
# Operators' screens are in English (docs/languages.md).
SOURCES = [
    path
    for room in ("verification", "certificates", "mail", "config", "tenants", "templates_app")
    for path in sorted((ROOT / room).rglob("*.py"))
    if not {"admin", "management", "migrations"} & set(path.relative_to(ROOT).parts)
]
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What is the same in every language.
_NAMES = {"curl", "SVG"}
_SPOKEN = {"alt", "aria-label", "placeholder", "title", "data-copied"}
_CALL = re.compile(r"""gettext(?:_noop)?\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_BLOCK = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
_NO_WORDS = re.compile(
    r"{% comment %}.*?{% endcomment %}|{% block (?:tone|body_class) %}.*?{% endblock %}", re.DOTALL
)
_TAG = re.compile(r"{[%{#].*?[%}#]}", re.DOTALL)


def sentences() -> set[str]:
    """Return what pages and letters say."""
    found = {
        ast.literal_eval(call)
        for path in TEMPLATES
        for call in _CALL.findall(templatize(path.read_text(encoding="utf-8")))
    }
    return found.union(*(marked_in(path) for path in SOURCES))


def marked_in(path: Path) -> set[str]:
    """Return the sentences that a module marks for translators."""
    text = path.read_text(encoding="utf-8")
    if "gettext" not in text:
        return set()
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"gettext", "gettext_noop", "gettext_lazy"}
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def catalogue(language: str) -> dict[str, str]:
    """Return the compiled catalogue, which is what a running service reads."""
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in messages.items() if isinstance(key, str) and key}


def written(language: str) -> str:
    """Return the catalogue that translators edit."""
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    return path.read_text(encoding="utf-8")


def source(language: str) -> dict[str, str]:
    """Return its sentences."""
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', written(language), re.MULTILINE)
    return {key.replace('\\"', '"'): text.replace('\\"', '"') for key, text in pairs}


class Words(HTMLParser):
    """What a page says by itself."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        self.said += re.findall(r"[^\W\d_]{3,}", data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _SPOKEN and value:
                self.handle_data(value)


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_says_every_sentence(self, language: str) -> None:
        said = catalogue(language)
        assert len(sentences()) > 150
        assert sorted(sentences() - said.keys()) == []

    def test_says_nothing_that_no_page_says(self, language: str) -> None:
        assert sorted(catalogue(language).keys() - sentences()) == []

    def test_is_compiled_from_its_source(self, language: str) -> None:
        assert catalogue(language) == source(language)

    def test_is_whole_and_judged(self, language: str) -> None:
        assert all(source(language).values()), "a sentence is empty"
        assert not re.search(r"^#,.*fuzzy", written(language), re.MULTILINE)
        assert "#~" not in written(language)

    def test_keeps_every_placeholder_and_all_markup(self, language: str) -> None:
        for sentence, text in source(language).items():
            for parts in (r"%\(\w+\)s", r"</?\w+[^>]*>"):
                assert Counter(re.findall(parts, text)) == Counter(re.findall(parts, sentence))

    def test_keeps_letters_and_numbers_that_readers_compare(self, language: str) -> None:
        for sentence, text in source(language).items():
            assert set(re.findall(r"\d+", sentence)) <= set(re.findall(r"\d+", text)), sentence
            assert all(digit.isascii() for digit in re.findall(r"\d", text)), sentence


class TestDays:
    def test_are_written_in_every_language(self) -> None:
        assert sorted(days._PATTERNS) == sorted(code for code, _ in settings.LANGUAGES)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
class TestTemplates:
    def test_say_nothing_untranslated(self, path: Path) -> None:
        bare = _TAG.sub(" ", _BLOCK.sub(" ", _NO_WORDS.sub(" ", path.read_text(encoding="utf-8"))))
        assert set(Words(bare).said) - _NAMES == set()

    def test_write_no_day_in_the_english_way(self, path: Path) -> None:
        patterns = list(date_patterns(path.read_text(encoding="utf-8")))
        assert set(patterns) <= {"H:i", "c"}


def date_patterns(text: str) -> Iterator[str]:
    yield from re.findall(r'\|\s*(?:date|time):\s*"([^"]*)"', text)
