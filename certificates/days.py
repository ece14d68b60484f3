"""Days in words, as a language writes them."""

from datetime import date

from django.utils import formats, translation


def long_date(day: date, language: str) -> str:
    """Return a day in words as the language writes it; English has the day first."""
    spoken = _spoken(language)
    with translation.override(spoken):
        return formats.date_format(day, "j F Y" if spoken == "en" else "DATE_FORMAT")


def _spoken(language: str) -> str:
    """Return the nearest language Django knows the months of."""
    for candidate in (language.lower(), language.split("-", 1)[0].lower()):
        if translation.check_for_language(candidate):
            return candidate
    return "en"
