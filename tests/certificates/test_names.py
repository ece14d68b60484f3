"""Names: what is kept, what is folded, what is doubted."""

import pytest

from certificates.names import doubts, fold, is_visible, trim


def codes(name: str) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.severity) for doubt in doubts(name)]


class TestTrim:
    def test_takes_white_space_of_every_width_from_the_ends_only(self) -> None:
        assert trim("\ufeff\u00a0 Ana  Lopes\u2003\u3000\n") == "Ana  Lopes"

    def test_keeps_joiners_and_direction_marks(self) -> None:
        assert trim("\u200fعلی\u200cرضا\u200f") == "\u200fعلی\u200cرضا\u200f"


class TestFold:
    def test_folds_what_cannot_be_printed_to_one_space(self) -> None:
        assert fold("Two\nLines\t and  spaces") == "Two Lines and spaces"

    def test_leaves_a_space_of_another_width_inside_alone(self) -> None:
        assert fold("山田\u3000太郎") == "山田\u3000太郎"


class TestIsVisible:
    @pytest.mark.parametrize("name", ["A", "null", "李", "𠮷", "🏽", "ة"])
    def test_sees_names_of_one_symbol(self, name: str) -> None:
        assert is_visible(name)

    @pytest.mark.parametrize("name", ["", " ", "\u200b\u200d", "\u0301", "\u3164", "\u2800"])
    def test_sees_no_ink_in_fillers_marks_and_spaces(self, name: str) -> None:
        assert not is_visible(name)


class TestDoubts:
    @pytest.mark.parametrize(
        "name", ["Ana", "D'Arcy", "Nguyễn Thị Ánh", "Zoë \u1e0d\u0323\u0307", "ÅÄÖ"]
    )
    def test_has_none_about_ordinary_names(self, name: str) -> None:
        assert codes(name) == []

    @pytest.mark.parametrize(
        "name", ["=1+1", "@SUM", "<b>Ana</b>", "{{ name }}", "&amp;", "JosÃ© MuÃ±oz"]
    )
    def test_keeps_and_remarks_on_what_looks_like_something_else(self, name: str) -> None:
        assert codes(name) == [("suspicious_name", "warning")]

    def test_refuses_a_letter_that_was_lost_already(self) -> None:
        assert codes("Jos\ufffd") == [("bad_encoding", "error")]

    def test_refuses_a_tower_of_marks_but_no_language_s_own(self) -> None:
        assert codes("Z" + "\u0301" * 60) == [("suspicious_name", "error")]
        assert codes("ก\u0e49\u0e33") == []

    def test_remarks_on_letters_no_font_has(self) -> None:
        assert codes("\ue000\U000e1000") == [("unprintable_name", "warning")]
