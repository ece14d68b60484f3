"""Every sample name is copied out of its file as it was put in."""

import pytest

from tests.templates_app.designs import draw, text_of
from tests.templates_app.rendering.reading import NAMES, VOWELLED, assert_same, plain


class TestPdfium:
    @pytest.mark.parametrize(("name", "language"), NAMES)
    def test_gives_the_name(self, name: str, language: str) -> None:
        assert_same(text_of(draw(plain(), language or "en", recipient_name=name)), name)

    @pytest.mark.parametrize("name", VOWELLED)
    def test_gives_marks_on_letters_that_run_right_to_left(self, name: str) -> None:
        assert_same(text_of(draw(plain(), recipient_name=name)), name)
