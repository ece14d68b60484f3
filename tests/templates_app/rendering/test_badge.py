"""The badge: square, see-through round its shape, with the words of the achievement."""

import io
import json

import pytest
from PIL import Image, ImageChops

from templates_app.rendering.badge import draw_badge
from templates_app.rendering.text import CannotDraw
from tests.templates_app.designs import BRANDING

COLOURS = json.loads((BRANDING / "harbourline" / "tenant.json").read_text())["colours"]
MARK = (BRANDING / "harbourline" / "logo-mark.png").read_bytes()


def badge(title: str, **changes: object) -> Image.Image:
    arguments = {"title": title, "colours": COLOURS, "mark": MARK} | changes
    return Image.open(io.BytesIO(draw_badge(**arguments)))


class TestDrawBadge:
    def test_is_600_pixels_square_with_clear_corners(self) -> None:
        image = badge("First Aid at Work")
        assert image.size == (600, 600)
        alpha = image.getchannel("A")
        assert {alpha.getpixel(corner) for corner in ((0, 0), (599, 0), (0, 599))} == {0}

    def test_is_the_same_for_the_same_input(self) -> None:
        first, second = (
            draw_badge(title="First Aid", colours=COLOURS, mark=MARK) for _ in range(2)
        )
        assert first == second

    @pytest.mark.parametrize(
        "title", ["First Aid at Work", "مبادئ إدارة المشاريع", "日本語ビジネス文書入門"]
    )
    def test_words_lie_inside_the_shape(self, title: str) -> None:
        words = ImageChops.difference(badge(title).convert("RGB"), badge("X").convert("RGB"))
        left, top, right, bottom = words.getbbox() or (0, 0, 0, 0)
        assert 85 <= left < right <= 515
        assert 240 <= top < bottom <= 450

    def test_a_long_title_gives_its_first_words(self) -> None:
        long = "Management of Environmental Laboratories in Developing Countries and Regions"
        assert badge(long).tobytes() == badge("Management of Environmental Laboratories").tobytes()

    def test_a_title_in_two_parts_gives_its_first(self) -> None:
        assert badge("Food Safety: Level 2").tobytes() == badge("Food Safety").tobytes()

    def test_needs_neither_mark_nor_colours(self) -> None:
        assert badge("First Aid", mark=None, colours={}).size == (600, 600)

    def test_letters_stand_out_on_a_pale_colour(self) -> None:
        pale = {"primary": "#f0e0a0", "ink": "#101010", "paper": "#ffffff", "accent": "#f0e0a0"}
        image = badge("First Aid", colours=pale, mark=None).convert("L")
        darkest = image.crop((90, 250, 510, 440)).point(lambda value: 255 * (value < 40))
        assert darkest.getbbox() is not None

    def test_refuses_what_it_cannot_draw(self) -> None:
        with pytest.raises(CannotDraw, match="Cherokee"):
            badge("ᏣᎳᎩ")
