"""Days as people write them in the language of the page."""

from datetime import date

from django import template
from django.utils import dateformat, translation

register = template.Library()

# Written out, so that no reader takes a day for a month; the digits are those of codes and of the
# printed certificate in every language (docs/languages.md).
_PATTERNS = {
    "en": "j F Y",
    "de": "j. F Y",
    "es": r"j \d\e F \d\e Y",
    "fr": "j F Y",
    "ar": "j F Y",
    "ja": "Y年n月j日",
}
_FIRST_OF_MONTH = {"fr": r"1\e\r F Y"}


@register.filter
def day(value: date | None) -> str:
    """Return a day (or a moment's day) in words; nothing for none."""
    if value is None:
        return ""
    language = translation.get_language() or "en"
    pattern = _PATTERNS.get(language, _PATTERNS["en"])
    if value.day == 1:
        pattern = _FIRST_OF_MONTH.get(language, pattern)
    return dateformat.format(value, pattern)
