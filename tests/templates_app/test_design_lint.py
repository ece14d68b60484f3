"""A design with faults gets a list that says what to do; the starters get none."""

from typing import Any

import pytest
import zxingcpp

from templates_app.design import STATEMENT, Source
from templates_app.design_lint import lint
from templates_app.rendering.fonts import font_set
from templates_app.samples import SAMPLES
from tests.templates_app.designs import STARTERS, draw, layout, png, qr, raster, starter, text


def problems(*boxes: dict[str, Any], **members: Any) -> list[tuple[str, str]]:
    found = lint(Source(layout(*boxes, **members), {"logo": png()}), font_set())
    assert all(each.remedy for each in found)
    return [(each.pointer, each.problem) for each in found]


LOGO = {"kind": "image", "asset": "logo", "x": 10, "y": 10, "w": 40, "h": 20}
NAME = text(lines=2)


class TestLint:
    @pytest.mark.parametrize("slug", STARTERS)
    def test_finds_nothing_wrong_with_the_starters(self, slug: str) -> None:
        assert lint(starter(slug), font_set()) == []

    @pytest.mark.parametrize("slug", ["harbourline", "alnahr"])
    def test_finds_nothing_wrong_with_the_signed_code(self, slug: str) -> None:
        source = starter(f"{slug}-Meridian, signed code")
        assert lint(source, font_set()) == []
        (code,) = zxingcpp.read_barcodes(raster(draw(source, **SAMPLES["usual"].values), 6))
        assert code.text.endswith(f"#{SAMPLES['usual'].values[STATEMENT]}")

    def test_finds_nothing_wrong_with_a_plain_design(self) -> None:
        assert problems(NAME, qr(), LOGO) == []

    @pytest.mark.parametrize(
        ("box", "pointer", "words"),
        [
            (text("x", x=150), "/boxes/2", "leaves the page"),
            (text("{{ shoe_size }}", y=70), "/boxes/2", "no field “shoe_size”"),
            (text("x", y=70, **{"if": "mood"}), "/boxes/2", "no field “mood”"),
            (text("x", y=70, colour="ink 40%"), "/boxes/2/colour", "contrast"),
            (LOGO | {"asset": "crest"}, "/boxes/2/asset", "no image “crest”"),
            (qr(x=60, w=12, h=12), "/boxes/2", "too small"),
            (qr(x=60, colour="ink 30%"), "/boxes/2/colour", "too pale"),
            (LOGO | {"x": 30, "y": 95}, "/boxes/1", "lies on the QR code"),
            (
                {"kind": "ornament", "pattern": "clipart", "colour": "ink", "accent": "ink"}
                | {"x": 0, "y": 0, "w": 9, "h": 9},
                "/boxes/2/pattern",
                "no pattern “clipart”",
            ),
            (text("{{ course_title }}", y=70, min_size=29), "/boxes/2", "too long"),
            (text("{{ course_title }}", y=70, w=30, min_size=29), "/boxes/2", "with the sample"),
        ],
    )
    def test_names_the_box_and_the_fault(
        self, box: dict[str, Any], pointer: str, words: str
    ) -> None:
        found = problems(NAME, qr(), box)
        assert any(where == pointer and words in what for where, what in found), found

    def test_the_name_must_stand_out_more_than_the_rest(self) -> None:
        assert problems(text(lines=2, colour="ink 60%"), qr())[0][0] == "/boxes/0/colour"
        assert problems(NAME, qr(), text("x", y=70, colour="ink 60%")) == []

    def test_reads_contrast_against_the_shape_behind(self) -> None:
        dark = {"kind": "shape", "x": 0, "y": 60, "w": 210, "h": 40, "fill": "ink"}
        assert problems(NAME, qr(y=110), dark, text("x", y=70, colour="paper")) == []
        assert problems(NAME, qr(y=110), dark, text("x", y=70))[0][0] == "/boxes/3/colour"

    def test_asks_for_a_name_and_a_code(self) -> None:
        assert [what for _, what in problems()] == ["nobody’s name is on it", "nobody can check it"]

    def test_knows_the_fonts_there_are(self) -> None:
        theme = {"fonts": {"text": ["Comic Sans", "Noto Sans"]}}
        assert problems(NAME, qr(), theme=theme)[0][0] == "/theme/fonts/text/0"

    def test_reports_a_layout_that_cannot_be_read(self) -> None:
        assert lint(Source({}, {}), font_set())[0].pointer == "/page"
