"""Fonts of strangers: sound ones are built anew, others refused with a reason; nothing breaks."""

import io
from typing import Any

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from templates_app.images import BadImage
from templates_app.rendering.font_checks import BadFont
from templates_app.rendering.sfnt import read_tables
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

    @pytest.mark.parametrize("weight", [0, 400])
    def test_opens_what_was_packed_for_the_web(self, weight: int) -> None:
        packed, plain = (
            take_font(upload, name="brand", family="Same", weight=weight)
            for upload in (typefaces.woff(), typefaces.latin())
        )
        assert packed[0] == plain[0]
        tables = [read_tables(made) for _, made in (packed, plain)]
        assert all(tables[0][tag] == tables[1][tag] for tag in tables[1].keys() - {"name", "head"})

    @pytest.mark.parametrize("cubic", [False, True], ids=["glyf", "CFF2"])
    @pytest.mark.parametrize(
        ("asked", "weight", "wider"), [(0, 400, 0), (900, 900, 200), (650, 600, 100)]
    )
    def test_takes_one_style_of_a_variable_font(
        self, cubic: bool, asked: int, weight: int, wider: int
    ) -> None:
        upload = typefaces.variable(cubic=cubic)
        facts, made = take_font(upload, name="brand.ttf", weight=asked)
        assert (facts["weight"], facts["scripts"]) == (weight, ["Latn"])
        font, source = TTFont(io.BytesIO(made)), TTFont(io.BytesIO(upload))
        assert ("CFF " if cubic else "glyf") in font
        assert not {"fvar", "gvar", "avar", "HVAR", "MVAR", "STAT", "CFF2"} & set(font.keys())
        if cubic:
            assert _width_of_ink(font) == 300 + wider
        else:
            name = source.getBestCmap()[ord("A")]
            own = font.getBestCmap()[ord("A")]
            assert font["hmtx"][own][0] == source["hmtx"][name][0] + wider

    def test_makes_two_files_of_two_weights(self) -> None:
        upload = typefaces.variable()
        regular, bold = (take_font(upload, name="b", weight=each) for each in (400, 700))
        assert [font_of(*each).name for each in (regular, bold)] == ["Brand 400", "Brand 700"]
        names = {TTFont(io.BytesIO(made))["name"].getDebugName(6) for _, made in (regular, bold)}
        assert len(names) == 2

    @pytest.mark.parametrize(
        ("upload", "weight", "reason"),
        [
            (typefaces.variable, 950, "no weight 950: its weights go from 200 to 900"),
            (typefaces.latin, 700, "not variable: its one weight is 400"),
        ],
    )
    def test_names_the_weights_there_are(self, upload: Any, weight: int, reason: str) -> None:
        with pytest.raises(BadFont, match=reason):
            take_font(upload(), name="brand.ttf", weight=weight)


def _width_of_ink(font: TTFont) -> float:
    pen = BoundsPen(None)
    font.getGlyphSet()[font.getBestCmap()[ord("A")]].draw(pen)
    left, _, right, _ = pen.bounds
    return float(right - left)


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
    "axes of nothing": (typefaces.axes_of_nothing, "damaged"),
    "variations without end": (typefaces.variations_without_end, "damaged"),
    "variable, restricted": (lambda: typefaces.licensed(2, typefaces.variable()), "forbid embed"),
    "without ink": (typefaces.without_ink, "no script"),
    "woff2 bomb": (typefaces.woff2_bomb, "WOFF2"),
    "woff bomb": (typefaces.woff_bomb, "larger than 8 MiB when it is opened"),
    "woff that lies": (typefaces.woff_that_lies, "table 'glyf' is not what it says"),
    "woff, cut": (typefaces.woff_cut, "damaged"),
    "woff, head alone": (lambda: typefaces.woff()[:30], "ends too early"),
    "woff, changed": (typefaces.woff_with_another_table, "table 'glyf' is not what it says"),
    "woff of a liar": (lambda: typefaces.woff(typefaces.made_of_itself()), "is made of itself"),
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
