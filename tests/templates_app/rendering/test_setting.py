"""Words fit their box: shrunk, broken, never cut, never outside."""

import pytest

from templates_app.layout import read_layout
from templates_app.rendering import words
from templates_app.rendering.canvas import POINTS
from templates_app.rendering.fonts import font_set
from templates_app.rendering.setting import Placed
from templates_app.rendering.text import CannotDraw
from tests.templates_app.designs import layout, text

LONG = "Maximiliana Josepha Wilhelmina von und zu Hohenstein-Wittelsberg geb. Freifrau"


def place(value: str, **members: object) -> list[Placed]:
    design = read_layout(layout(text(**members)))
    values = {"recipient_name": value}
    box = design.boxes[0]
    return words.place(box, design, values, wording="en", fonts=font_set())  # type: ignore[arg-type]


def ink_of(placed: Placed) -> tuple[float, float, float, float]:
    left, bottom, right, top = (side * placed.size / 1000 / POINTS for side in placed.line.ink)
    return placed.x + left, placed.baseline - top, placed.x + right, placed.baseline - bottom


class TestFit:
    def test_keeps_the_wished_size_where_there_is_room(self) -> None:
        assert [placed.size for placed in place("Ng")] == [30]

    def test_shrinks_a_long_line(self) -> None:
        (placed,) = place(LONG)
        assert 8 < placed.size < 30

    def test_breaks_rather_than_shrink_too_far(self) -> None:
        one, two = place(LONG), place(LONG, lines=2)
        assert len(two) == 2
        assert two[0].size > one[0].size * 1.5
        assert " ".join(placed.line.text for placed in two) == LONG

    def test_breaks_an_address_before_its_last_part_only(self) -> None:
        lines = place("https://example.org/verify/0123-4567-89AB", lines=2, w=60, size=14)
        assert [placed.line.text for placed in lines] == [
            "https://example.org/verify/",
            "0123-4567-89AB",
        ]

    def test_breaks_japanese_where_han_meets_kana(self) -> None:
        lines = place("日本語ビジネス文書入門", lines=2, w=60)
        assert [placed.line.text for placed in lines] == ["日本語ビジネス", "文書入門"]

    def test_refuses_what_would_be_too_small_to_read(self) -> None:
        with pytest.raises(CannotDraw, match="recipient_name: the text is too long"):
            place(LONG, min_size=28)

    @pytest.mark.parametrize("name", ["X", "Ng", LONG, "Títílayọ̀ Ọdúnsì", "Íñigo Güemes", "ﷺ ليلى"])
    @pytest.mark.parametrize("align", ["start", "centre", "end"])
    @pytest.mark.parametrize("sit", ["top", "middle", "bottom"])
    def test_all_ink_lies_in_the_box(self, name: str, align: str, sit: str) -> None:
        for placed in place(name, align=align, sit=sit, lines=2):
            left, top, right, bottom = ink_of(placed)
            assert left >= 20 - 0.01
            assert right <= 190 + 0.01
            assert top >= 40 - 0.01
            assert bottom <= 60 + 0.01

    def test_centres_by_ink(self) -> None:
        left, _, right, _ = ink_of(place("J", align="centre")[0])
        assert (left + right) / 2 == pytest.approx(105)

    def test_start_is_the_right_side_of_a_right_to_left_box(self) -> None:
        _, _, right, _ = ink_of(place("مهسا", dir="rtl")[0])
        assert right == pytest.approx(190)

    def test_every_name_stands_on_the_same_line(self) -> None:
        assert len({round(place(name)[0].baseline, 6) for name in ("X", "Ng", "Ọdúnsì")}) == 1
