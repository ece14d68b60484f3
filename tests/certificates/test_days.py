"""Days in words, by language."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from certificates.templatetags.days import day


@pytest.mark.parametrize(
    ("language", "first", "later"),
    [
        ("en", "1 March 2026", "12 November 2026"),
        ("de", "1. März 2026", "12. November 2026"),
        ("es", "1 de marzo de 2026", "12 de noviembre de 2026"),
        ("fr", "1er mars 2026", "12 novembre 2026"),
        ("ar", "1 مارس 2026", "12 نوفمبر 2026"),
        ("ja", "2026年3月1日", "2026年11月12日"),
    ],
)
def test_a_day_is_written_out(language: str, first: str, later: str) -> None:
    with translation.override(language):
        assert day(date(2026, 3, 1)) == first
        assert day(datetime(2026, 11, 12, 23, 59, tzinfo=UTC)) == later


def test_no_day_is_no_words() -> None:
    assert day(None) == ""
