"""Small parts of screens: status pills (icon and word, never colour alone), names, days."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

# 24 px grid, 1.75 px stroke; drawn for this project.
_ICONS = {
    "good": "M5 12.5l4.5 4.5L19 7.5",
    "late": "M12 7v5l3.5 2M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16z",
    "bad": "M7 7l10 10M17 7L7 17",
    "replaced": "M5 9h12l-3-3M19 15H7l3 3",
    "waiting": "M6 12h.01M12 12h.01M18 12h.01",
    "held": "M9 6v12M15 6v12",
}


def pill(kind: str, word: Any) -> SafeString:
    """Return one pill; `kind` is good, late, bad, replaced, waiting or held."""
    return format_html(
        '<span class="pill pill-{}"><svg viewBox="0 0 24 24" aria-hidden="true">'
        '<path d="{}"/></svg>{}</span>',
        kind,
        mark_safe(_ICONS[kind]),  # noqa: S308 - a constant of this module
        capfirst(str(word)),
    )


def bdi(text: str) -> SafeString:
    """Return a name that keeps its own direction inside ours."""
    return format_html("<bdi>{}</bdi>", text)


def day(moment: datetime) -> SafeString:
    """Return a day as lists show it: short, on one line."""
    return format_html('<span class="day">{}</span>', date_format(moment, "j M Y"))
