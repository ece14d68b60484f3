"""Fonts of strangers: sound ones are built anew, others refused with a reason; nothing breaks."""

import io

import pytest
from fontTools.ttLib import TTFont

from templates_app.images import BadImage
from templates_app.rendering.font_checks import BadFont
from templates_app.uploads import MOST_FONT_BYTES, font_of, take_font, take_images
from tests.templates_app import typefaces
from tests.templates_app.designs import png


class TestTakeFont:
    def test_says_what_the_font_is_and_draws(self) -> None:
        facts, _ = take_font(typefaces.latin(), name="brand.ttf")
        assert (facts["family"], facts["weight"], facts["italic"]) == ("Brand", 400, False)
        assert facts["scripts"] == ["Latn"]
        assert facts["letters"]["Latn"] > 100

    @pytest.mark.parametrize("form", ["glyf", "CFF "])
    def test_keeps_what_drawing_needs_and_nothing_else(self, form: str) -> None:
        upload = typefaces.latin() if form == "glyf" else typefaces.as_cff(typefaces.latin())
        _, made = take_font(upload, name="brand")
        font = TTFont(io.BytesIO(made))
        assert form in font
        assert not {"fpgm", "prep", "cvt ", "gasp", "DSIG", "meta"} & set(font.keys())
        assert {"GSUB", "GPOS"} <= set(font.keys())
        assert font["name"].getDebugName(1) == "Brand"
        assert font["name"].getDebugName(5) is None

    def test_knows_a_script_that_joins(self) -> None:
        facts, _ = take_font(typefaces.arabic(), name="brand.ttf")
        assert facts["scripts"] == ["Arab"]

    def test_gives_it_another_name_if_asked(self) -> None:
        facts, made = take_font(typefaces.called("<b>x</b>"), name="x.ttf", family="House Serif")
        assert font_of(facts, made).name == "House Serif 400"
        assert b"<b>" not in made

    def test_builds_the_same_twice(self) -> None:
        once, again = (take_font(typefaces.latin(), name="brand.ttf")[1] for _ in range(2))
        assert once == again


HOSTILE = {
    "truncated": (typefaces.truncated, "damaged"),
    "overlapping": (typefaces.overlapping, "overlap"),
    "wrong checksum": (typefaces.wrong_checksum, "glyf has a wrong checksum"),
    "made of itself": (typefaces.made_of_itself, "is made of itself"),
    "heap of parts": (typefaces.heap_of_parts, "more than 256 parts"),
    "glyphs without end": (typefaces.glyphs_without_end, "65,535 glyphs"),
    "letters without end": (typefaces.letters_without_end, "letters"),
    "charstring without end": (typefaces.charstring_without_end, "outlines cannot be read"),
    "letters that breed": (typefaces.letters_that_breed, "glyphs without end"),
    "outline outside its box": (typefaces.outline_outside_its_box, "outside the box"),
    "name with markup": (lambda: typefaces.called("<script>alert(1)</script>"), "name"),
    "name that ends CSS": (lambda: typefaces.called("a;}body{display:none"), "name"),
    "restricted licence": (lambda: typefaces.licensed(2), "forbid embedding"),
    "no subsetting": (lambda: typefaces.licensed(0x104), "a part of it"),
    "variable": (typefaces.variable, "variable"),
    "without ink": (typefaces.without_ink, "no script"),
    "woff2 bomb": (typefaces.woff2_bomb, "WOFF2"),
    "collection": (lambda: b"ttcf" + bytes(100), "collection"),
    "no font": (lambda: b"%PDF-1.7" + bytes(100), "no font"),
    "empty": (lambda: b"", "no font"),
    "too large": (lambda: bytes(MOST_FONT_BYTES + 1), "larger than 4 MiB"),
}  # fmt: skip


class TestHostileFonts:
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_are_refused_by_name_with_the_reason(self, kind: str) -> None:
        make, reason = HOSTILE[kind]
        with pytest.raises(BadFont, match=rf"^liar\.ttf: .*{reason}"):
            take_font(make(), name="liar.ttf")

    def test_editable_ones_are_taken(self) -> None:
        assert take_font(typefaces.licensed(8), name="x.ttf")[0]["family"] == "Brand"


class TestTakeImages:
    def test_names_the_image_that_cannot_be_read(self) -> None:
        with pytest.raises(BadImage, match=r"^seal: The file is not a PNG"):
            take_images({"logo": png(), "seal": b"no picture"}, untrimmed=frozenset())

    def test_takes_several_in_their_order(self) -> None:
        taken = take_images({"a": png(30, 10), "b": png(7, 5)}, untrimmed=frozenset())
        assert [(each.width, each.height) for each in taken.values()] == [(30, 10), (7, 5)]
