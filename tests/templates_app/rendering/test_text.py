"""Names are shaped with the right font, refused where none is right."""

from typing import Any

import pytest

from templates_app.rendering.fonts import font_set
from templates_app.rendering.itemise import DRAWN, clusters, scripts
from templates_app.rendering.marks import draws
from templates_app.rendering.text import CannotDraw, Paragraph, Piece, Style, paragraph

FONTS = font_set()
DISPLAY = ("Playfair Display", "EB Garamond", "Noto Serif", "Amiri")


def settle(
    text: str, families: tuple[str, ...] = DISPLAY, language: str = "en", direction: str = "ltr"
) -> Paragraph:
    style = Style(families=families, language=language, direction=direction)
    return paragraph([Piece(text, is_value=True)], style, FONTS)


def families_of(text: str, **style: Any) -> list[str]:
    return [run.face.family for run in settle(text, **style).line().runs]


class TestFontChoice:
    def test_keeps_the_display_face_where_it_has_every_letter(self) -> None:
        assert families_of("Siân Cadwaladr") == ["Playfair Display"]

    def test_sets_the_whole_name_in_the_next_face_where_one_letter_is_missing(self) -> None:
        assert families_of("ŊaaboƔ Ɖagbe") == ["EB Garamond"]

    @pytest.mark.parametrize("name", ["M̄āori Te Rangi", "Jūratė̃ Žukauskaitė"])
    def test_passes_over_a_face_that_misplaces_marks(self, name: str) -> None:
        line = settle(name, families=("EB Garamond", "Noto Serif")).line()
        assert [run.face.family for run in line.runs] == ["Noto Serif"]

    def test_chooses_by_script_and_not_by_the_first_font_that_has_the_letter(self) -> None:
        families = ("Noto Sans JP", "EB Garamond")
        line = settle("Ελένη", families=families).line()
        assert [run.face.family for run in line.runs] == ["EB Garamond"]

    def test_settles_the_face_of_all_lines_at_once(self) -> None:
        whole = settle("Dwayne ŊaaboƔ")
        assert [run.face.family for run in whole.line(0, 7).runs] == ["EB Garamond"]

    def test_draws_emoji_as_one_glyph(self) -> None:
        runs = settle("Sam 👩🏽‍🚀 Reyes").line().runs
        assert [run.face.family for run in runs][1] == "Noto Emoji"
        assert len(runs[1].glyphs) == 1

    @pytest.mark.parametrize(
        ("name", "language", "family"),
        [
            ("渡邊 美咲", "ja", "Noto Sans JP"),
            ("渡邊 ひなた", "", "Noto Sans JP"),
            ("金", "ko", "Noto Sans KR"),
            ("金 하은", "", "Noto Sans KR"),
            ("张建国", "zh-Hans", "Noto Sans SC"),
            ("张建国", "zh-CN", "Noto Sans SC"),
            ("歐陽怡君", "zh-Hant", "Noto Sans TC"),
            ("歐陽怡君", "zh-TW", "Noto Sans TC"),
            ("歐陽怡君", "zh-Hans-TW", "Noto Sans SC"),
            ("李欣怡", "", "Noto Sans SC"),
            ("李欣怡", "de", "Noto Sans SC"),
        ],
    )
    def test_takes_the_forms_of_han_that_the_learner_writes(
        self, name: str, language: str, family: str
    ) -> None:
        assert set(families_of(name, language=language)) == {family}

    def test_takes_the_forms_of_han_of_the_course_where_the_learner_has_none(self) -> None:
        style = Style(families=DISPLAY, language="", around="ja")
        (run,) = paragraph([Piece("伊集院")], style, FONTS).line().runs
        assert run.face.family == "Noto Sans JP"

    def test_lends_one_letter_of_han_and_leaves_the_others_in_their_form(self) -> None:
        assert families_of("𠮷建国", language="zh-Hans") == ["Noto Sans JP", "Noto Sans SC"]

    @pytest.mark.parametrize(
        ("language", "family"), [("ur", "Noto Nastaliq Urdu"), ("ar", "Amiri")]
    )
    def test_writes_nastaliq_where_a_design_asks_and_the_language_does(
        self, language: str, family: str
    ) -> None:
        families = ("Noto Nastaliq Urdu", "Amiri")
        assert set(families_of("سمیعہ", families=families, language=language)) == {family}

    @pytest.mark.parametrize("script", sorted(DRAWN - {"Zsye"}))
    def test_has_a_font_made_for_every_script_that_is_drawn(self, script: str) -> None:
        assert FONTS.of_script(script)


class TestCannotDraw:
    @pytest.mark.parametrize(
        ("name", "script"),
        [
            ("ᏣᎳᎩ", "Cherokee"),
            ("Aissatou 𞤀𞤣𞤤𞤢𞤥", "Adlam"),
            ("ߒߞߏ", "Nko"),
        ],
    )
    def test_names_the_script_nobody_has_looked_at(self, name: str, script: str) -> None:
        with pytest.raises(CannotDraw, match=script):
            settle(name)

    @pytest.mark.parametrize("text", ["\u0947क", "க \u0bbf", "ខ \u17c1", "\u1031 မ"])
    def test_refuses_a_mark_that_has_no_letter(self, text: str) -> None:
        with pytest.raises(CannotDraw, match="no letter before it"):
            settle(text).line()

    @pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ue000b", "a\uffffb"])
    def test_refuses_what_is_no_letter(self, text: str) -> None:
        with pytest.raises(CannotDraw, match=r"U\+"):
            settle(text)

    def test_names_the_letter_no_font_has(self) -> None:
        with pytest.raises(CannotDraw, match=r"U\+2A6A5"):
            settle("𪚥", language="ja")


class TestLine:
    def test_puts_runs_of_two_directions_in_order(self) -> None:
        runs = settle("أحمد (Ahmed) منصور").line().runs
        words = [run.text.strip(" ()") for run in runs]
        assert [word for word in words if word] == ["منصور", "Ahmed", "أحمد"]

    def test_trims_the_spaces_of_a_break(self) -> None:
        assert settle("Siân Cadwaladr").line(0, 5).text == "Siân"

    def test_composes_letters_and_marks(self) -> None:
        assert settle("Zoë").line().text == "Zoë"

    @pytest.mark.parametrize("name", ["مهسا", "अर्जुन", "สมชาย", "សុខា", "မြတ်", "བཀྲ", "יעקב"])
    def test_never_spaces_letters_apart_that_join_or_carry_marks(self, name: str) -> None:
        style = Style(families=("Amiri",), tracking=90)
        loose = paragraph([Piece(name)], style, FONTS).line().width
        assert loose == settle(name, families=("Amiri",)).line().width

    @pytest.mark.parametrize(
        ("name", "is_stroked"), [("渡邊", True), ("བཀྲ", True), ("สมชาย", False)]
    )
    def test_thickens_what_has_no_bold_of_its_own(self, name: str, is_stroked: bool) -> None:
        style = Style(families=("Amiri",), weight=700)
        (run,) = paragraph([Piece(name)], style, FONTS).line().runs
        assert (run.stroke > 0) == is_stroked

    def test_spaces_latin_labels_apart(self) -> None:
        style = Style(families=("EB Garamond",), tracking=90)
        loose = paragraph([Piece("abc")], style, FONTS).line().width
        assert loose == pytest.approx(settle("abc", families=("EB Garamond",)).line().width + 270)


class TestClusters:
    def test_are_single_letters_where_there_are_no_marks(self) -> None:
        plain = "Ada Lovelace, https://a.example/1#*9"
        assert clusters("") == ()
        assert clusters(plain) == clusters(f"{plain}é")[:-1]
        assert len(clusters(plain)) == len(plain)

    @pytest.mark.parametrize("letter", ["ọ̀", "M̄", "👩🏽‍🚀", "🇳🇿", "❤️", "ی\u200c"])
    def test_never_tears_a_letter_from_its_marks(self, letter: str) -> None:
        assert clusters(f"a{letter}b")[1] == (1, 1 + len(letter))

    def test_two_flags_are_two_clusters(self) -> None:
        assert clusters("🇳🇿🇮🇸") == ((0, 2), (2, 4))


class TestScripts:
    def test_what_scripts_share_goes_with_what_stands_before(self) -> None:
        text = "1 Ab, Ελ."
        assert scripts(text, clusters(text)) == ["Latn"] * 6 + ["Grek"] * 3


class TestDraws:
    @pytest.mark.parametrize("cluster", ["ọ̀", "ẹ́", "ẹ̀"])
    def test_accepts_yoruba_marks_above_and_below(self, cluster: str) -> None:
        face = FONTS.nearest("EB Garamond", weight=400, italic=False)
        assert face is not None
        assert draws(face, cluster, "Latn")
