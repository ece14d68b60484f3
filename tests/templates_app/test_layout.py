"""A JSON layout is read whole or refused with the place of the fault."""

from typing import Any

import pytest

from templates_app.inks import contrast
from templates_app.layout import BadLayout, colour, read_layout, wording_language
from tests.templates_app.designs import STARTERS, layout, qr, starter, text


class TestReadLayout:
    @pytest.mark.parametrize(
        ("document", "pointer"),
        [
            ([], ""),
            ({}, "/page"),
            (layout() | {"page": {"width": "A4", "height": 1}}, "/page/width"),
            (layout() | {"page": {"width": 210, "height": 1e9}}, "/page/height"),
            (layout() | {"pages": 2}, "/pages"),
            (layout(text(colour="gold")), "/boxes/0/colour"),
            (layout(text(font="gothic")), "/boxes/0/font"),
            (layout(text(colour="ink 101%")), "/boxes/0/colour"),
            (layout(text(colours="ink")), "/boxes/0/colours"),
            (layout(text(size=True)), "/boxes/0/size"),
            (layout(text(align="left")), "/boxes/0/align"),
            (layout(text(dir="up")), "/boxes/0/dir"),
            (layout(text(lines=4)), "/boxes/0/lines"),
            (layout(text(features=["swsh"])), "/boxes/0/features"),
            (layout(text({})), "/boxes/0/text"),
            (layout(text({"en": 3})), "/boxes/0/text/en"),
            (layout(qr(), {"kind": "video"}), "/boxes/1/kind"),
            (layout({"kind": "qr", "x": 1, "y": 1, "w": 30}), "/boxes/0/h"),
            (layout(*[qr()] * 201), "/boxes"),
            (layout(theme={"colours": {"ink": "red"}}), "/theme/colours/ink"),
            (layout(theme={"fonts": {"text": "Arial"}}), "/theme/fonts/text"),
        ],
    )
    def test_names_the_place_of_a_fault(self, document: Any, pointer: str) -> None:
        with pytest.raises(BadLayout) as caught:
            read_layout(document)
        assert caught.value.pointer == pointer

    @pytest.mark.parametrize(
        "words",
        ["{{ recipient_name|upper }}", "{% now %}", "{{ a.b.c }}", "{{", "}}", "{{ x }}}}"],
    )
    def test_takes_fields_and_nothing_else_in_braces(self, words: str) -> None:
        with pytest.raises(BadLayout, match="nothing else in braces"):
            read_layout(layout(text(words)))

    @pytest.mark.parametrize("words", ["{{ grade }}", "{{grade}} {{ custom.hours-2 }}", "{ 3 }"])
    def test_takes_fields_with_or_without_spaces(self, words: str) -> None:
        assert len(read_layout(layout(text(words))).boxes) == 1

    @pytest.mark.parametrize("slug", STARTERS)
    def test_reads_the_starters(self, slug: str) -> None:
        assert len(read_layout(starter(slug).layout).boxes) > 10


class TestColour:
    def test_a_share_is_mixed_with_the_paper(self) -> None:
        design = read_layout(layout())
        assert colour(design, "primary") == "#0b5c6b"
        assert colour(design, "ink 0%") == "#ffffff"
        assert colour(design, "ink 50%") == "#888888"


class TestContrast:
    def test_matches_the_recommendation(self) -> None:
        assert contrast("#000000", "#ffffff") == pytest.approx(21)
        assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


class TestWordingLanguage:
    @pytest.mark.parametrize(
        ("asked", "spoken"), [("cy", "cy"), ("cy-GB", "cy"), ("ja", "en"), ("", "en")]
    )
    def test_is_one_the_design_speaks(self, asked: str, spoken: str) -> None:
        design = read_layout(layout(text({"en": "on", "cy": "ar"})))
        assert wording_language(design, asked) == spoken
