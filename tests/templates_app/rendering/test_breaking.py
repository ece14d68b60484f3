"""Lines begin where a reader expects them to."""

import pytest

from templates_app.rendering.breaking import anywhere, opportunities


def parts(text: str, places: list[int]) -> list[str]:
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


class TestOpportunities:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Siân Cadwaladr", ["Siân ", "Cadwaladr"]),
            ("مبادئ إدارة المشاريع", ["مبادئ ", "إدارة ", "المشاريع"]),
            ("日本語ビジネス文書入門", ["日本語", "ビジネス", "文書入門"]),
            ("张建国", ["张", "建", "国"]),
            ("บริษัท จำกัด", ["บริษัท ", "จำกัด"]),
            ("བཀྲ་ཤིས་ཚེ་རིང", ["བཀྲ་", "ཤིས་", "ཚེ་", "རིང"]),
            ("ሕይወት፡በቀለ", ["ሕይወት፡", "በቀለ"]),
            ("សាល\u200bមន្ត", ["សាល\u200b", "មន្ត"]),
            ("https://example.org/a/b", ["https://example.org/a/", "b"]),
        ],
    )
    def test_are_where_words_end(self, text: str, expected: list[str]) -> None:
        assert parts(text, opportunities(text)) == expected

    def test_there_are_none_inside_a_word(self) -> None:
        assert opportunities("กรุงเทพมหานคร") == []


class TestAnywhere:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("ไพบูลย์", ["ไพ", "บู", "ล", "ย์"]),  # no vowel is left behind
            ("ทะเล", ["ทะ", "เล"]),
            ("ສົມພອນ", ["ສົ", "ມ", "ພ", "ອ", "ນ"]),
            ("ស្រីមុំ", ["ស្រី", "មុំ"]),  # what is stacked stays stacked
            ("သန္တာ", ["သန္တာ"]),
            ("မြင့်", ["မြင့်"]),  # a killed letter closes its syllable
        ],
    )
    def test_is_before_a_syllable(self, text: str, expected: list[str]) -> None:
        assert parts(text, anywhere(text)) == expected

    @pytest.mark.parametrize("text", ["Maximiliana", "مهسا", "कृष्ण", "Екатерина"])
    def test_never_tears_a_word_of_a_script_that_has_spaces(self, text: str) -> None:
        assert anywhere(text) == []
