"""The badge as SVG: the picture of the PNG, in shapes alone."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from templates_app.rendering.badge_svg import draw_badge_svg
from templates_app.rendering.text import CannotDraw
from tests.templates_app.designs import BRANDING

COLOURS = json.loads((BRANDING / "harbourline" / "tenant.json").read_text())["colours"]
MARK = (BRANDING / "harbourline" / "logo-mark.png").read_bytes()
TITLES = ["First Aid at Work", "مبادئ إدارة المشاريع", '"R" & <Tidy> Data']


class TestDrawBadgeSvg:
    @pytest.mark.parametrize("title", TITLES)
    def test_is_shapes_and_no_text_and_names_nothing_outside(self, title: str) -> None:
        svg = draw_badge_svg(title=title, colours=COLOURS, mark=MARK)
        root = ET.fromstring(svg)  # noqa: S314 - our own
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names == {"svg", "title", "path", "g", "clipPath", "image"}
        assert root[0].text == title
        links = re.findall(r'(?:href|url)[=(]["\']?([^"\')]{6})', svg)
        assert set(links) == {"#clip1", "data:i"}

    def test_is_the_same_for_the_same_input(self) -> None:
        first, second = (
            draw_badge_svg(title="First Aid", colours=dict(reversed(COLOURS.items())), mark=MARK)
            for _ in range(2)
        )
        assert first == second

    def test_refuses_what_it_cannot_draw(self) -> None:
        with pytest.raises(CannotDraw, match="Cherokee"):
            draw_badge_svg(title="ᏣᎳᎩ", colours=COLOURS, mark=None)
