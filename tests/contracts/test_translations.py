"""Every sentence of the public pages exists in every language, and the catalogues are current."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.ROOT)
TEMPLATES = [
    path
    for folder in ("public", "verification", "certificates", "mail")
    for path in sorted((ROOT / "templates" / folder).rglob("*.*"))
    if path.suffix in {".html", ".txt"}
]
SOURCES = [
    ROOT / "verification" / "verdict.py",
    ROOT / "verification" / "views.py",
    ROOT / "verification" / "lookup.py",
    ROOT / "verification" / "report_forms.py",
    ROOT / "certificates" / "cases.py",
    ROOT / "certificates" / "files.py",
    ROOT / "certificates" / "owner_forms.py",
    ROOT / "tenants" / "plain_text.py",
    ROOT / "config" / "error_views.py",
    ROOT / "config" / "problems.py",
]
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
_CALL = re.compile(r"""gettext(?:_noop|_lazy)?\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def sentences() -> set[str]:
    """Return what pages say, found with Django's own extractor."""
    texts = [templatize(path.read_text(encoding="utf-8")) for path in TEMPLATES]
    texts += [path.read_text(encoding="utf-8") for path in SOURCES]
    found = {match[1:-1] for text in texts for match in _CALL.findall(text)}
    return {text.replace('\\"', '"').replace("\\'", "'") for text in found}


def catalogue(language: str) -> dict[str, str]:
    """Return the compiled catalogue, which is what a running service reads."""
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in messages.items() if isinstance(key, str) and key}


def source(language: str) -> dict[str, str]:
    """Return the catalogue that translators edit."""
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    pairs = re.findall(
        r'^msgid "(.+)"\nmsgstr "(.*)"$', path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {key.replace('\\"', '"'): text.replace('\\"', '"') for key, text in pairs}


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_says_every_sentence(self, language: str) -> None:
        said = catalogue(language)
        assert len(sentences()) > 100
        assert sorted(sentences() - said.keys()) == []

    def test_says_nothing_that_no_page_says(self, language: str) -> None:
        assert sorted(catalogue(language).keys() - sentences()) == []

    def test_is_compiled_from_its_source(self, language: str) -> None:
        assert catalogue(language) == source(language)

    def test_keeps_every_placeholder(self, language: str) -> None:
        for sentence, text in source(language).items():
            names = set(re.findall(r"%\(\w+\)s", sentence))
            assert set(re.findall(r"%\(\w+\)s", text)) == names, sentence
            assert sentence.count("<bdi") == text.count("<bdi")
