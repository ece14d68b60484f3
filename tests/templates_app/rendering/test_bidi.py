"""Mixed directions come out in the order of Unicode Standard Annex 9."""

from unittest.mock import patch

import bidi as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.rendering import bidi
from templates_app.rendering.bidi import base_level, levels, visual_order

# Letters of every kind that names hold, each once: equal output then means an equal order.
LETTERS = "abcdef אבגדה بتثجح 012345 ٠١٢٣ +-,.:/$%#!&*;= ()[]{} \u2003"
TEXT = st.lists(st.sampled_from(sorted(set(LETTERS))), unique=True, max_size=14).map("".join)


def ordered(text: str, base: int) -> str:
    return "".join(text[index] for index in visual_order(levels(text, base)))


# One letter of each kind that leaves a line to the right as it is.
CALM = "aZ5+-$%,:\u0301\u200b\u2029\t !(]“ñ日"


class TestLevels:
    @given(text=TEXT, base=st.sampled_from([0, 1]))
    def test_agree_with_another_implementation(self, text: str, base: int) -> None:
        assert ordered(text, base) == reference.get_display(text, base_dir="LR"[base])

    @given(st.text(CALM, max_size=20), st.integers(0, 1))
    def test_of_what_has_no_right_to_left_letter_are_those_of_the_rules(
        self, text: str, base: int
    ) -> None:
        isolates = [(1, len(text) - 1)] if len(text) > 2 else []
        short = levels(text, base, isolates)
        with patch.object(bidi, "_CALM", frozenset()):
            assert short == levels(text, base, isolates)

    def test_keep_an_isolated_value_from_reordering_its_sentence(self) -> None:
        sentence, value = "on ", "אב"
        text = sentence + value + " 3"
        inside = (len(sentence), len(sentence) + len(value))
        plain = visual_order(levels(text, 0))
        isolated = visual_order(levels(text, 0, [inside]))
        assert "".join(text[i] for i in plain) == "on 3 בא"
        assert "".join(text[i] for i in isolated) == "on בא 3"

    def test_set_a_latin_value_upright_in_arabic(self) -> None:
        text = "في Data 3"
        assert levels(text, 1, [(3, 9)])[3:] == [2] * 6


class TestBaseLevel:
    @pytest.mark.parametrize(
        ("text", "level"), [("abc", 0), ("אב abc", 1), ("3 عربي", 1), ("12", 0), ("", 0)]
    )
    def test_follows_the_first_strong_letter(self, text: str, level: int) -> None:
        assert base_level(text) == level
