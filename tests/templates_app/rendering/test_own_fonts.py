"""A tenant's own font in the files: embedded as a part, given up for a whole name it lacks."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops

from templates_app.design import Font, Source
from templates_app.design_lint import lint
from templates_app.rendering.choice import CannotDraw, Style
from templates_app.rendering.fonts import Face, FontSet, font_set, fonts_for
from templates_app.rendering.og import Card
from templates_app.rendering.picture import draw_pictures
from templates_app.rendering.preflight import Kind, preflight
from templates_app.rendering.text import Piece, paragraph
from templates_app.uploads import font_of, take_font
from tests.templates_app import typefaces
from tests.templates_app.designs import VALUES, draw, layout, qr, raster, text, text_of

BOXES = (text(lines=2), qr())
CARD = Card("Harbourline", "certificates.example", ())


def design(*fonts: Font, families: list[str], boxes: Any = BOXES) -> Source:
    return Source(layout(*boxes, theme={"fonts": {"text": families}}), {}, fonts)


@pytest.fixture(scope="module", params=["glyf", "CFF"])
def brand(request: pytest.FixtureRequest) -> Font:
    return taken(typefaces.latin(), request.param)


@pytest.fixture(scope="module", params=["glyf", "CFF"])
def naskh(request: pytest.FixtureRequest) -> Font:
    return taken(typefaces.arabic(), request.param)


def taken(upload: bytes, form: str) -> Font:
    made = typefaces.as_cff(upload) if form == "CFF" else upload
    return font_of(*take_font(made, name="brand"))


def embedded(pdf: bytes) -> dict[str, str]:
    """Return the fonts of the page by name, without the tag of the subset, and their form."""
    found = {}
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for font in opened.pages[0].Resources.Font.values():
            inner = font.DescendantFonts[0].FontDescriptor
            form = "CFF" if "/FontFile3" in inner else "glyf"
            found[str(font.BaseFont).split("+")[1]] = form
    return found


def differing(one: Image.Image, other: Image.Image) -> float:
    """Return the share of pixels that differ visibly."""
    both = ImageChops.difference(one.convert("L"), other.convert("L").resize(one.size))
    return sum(both.histogram()[128:]) / (one.width * one.height)


class TestPdf:
    def test_embeds_a_part_of_it(self, brand: Font) -> None:
        pdf = draw(design(brand, families=["Brand"]), recipient_name="Siân Cadwaladr")
        names = embedded(pdf)
        assert set(names) == {f"Own{brand.sha256[:16]}"}
        assert names.popitem()[1] == ("CFF" if b"CFF " in brand.content[:200] else "glyf")
        assert len(pdf) < len(brand.content)
        assert "Siân Cadwaladr" in text_of(pdf)

    def test_looks_as_the_face_it_was_made_of(self, brand: Font) -> None:
        own = draw(design(brand, families=["Brand"]), recipient_name="Siân Cadwaladr")
        theirs = draw(design(families=["EB Garamond"]), recipient_name="Siân Cadwaladr")
        assert differing(raster(own), raster(theirs)) < 0.0002

    def test_sets_the_whole_name_in_another_where_it_lacks_a_letter(self, brand: Font) -> None:
        pdf = draw(design(brand, families=["Brand", "Noto Serif"]), recipient_name="Thảo Nguyễn")
        assert set(embedded(pdf)) == {"NotoSerif-400Regular"}
        assert "Thảo Nguyễn" in text_of(pdf)

    def test_leaves_other_scripts_to_other_faces(self, brand: Font) -> None:
        pdf = draw(design(brand, families=["Brand"]), recipient_name="فاطمة النجار")
        assert f"Own{brand.sha256[:16]}" not in embedded(pdf)

    def test_joins_arabic_and_tells_it_in_order(self, naskh: Font) -> None:
        name = "فاطمة الزهراء النجار"
        own = draw(design(naskh, families=["Brand Naskh"]), recipient_name=name)
        theirs = draw(design(families=["Amiri"]), recipient_name=name)
        assert f"Own{naskh.sha256[:16]}" in embedded(own)
        assert name in text_of(own)
        assert differing(raster(own), raster(theirs)) < 0.0002

    def test_is_the_same_each_time(self, brand: Font) -> None:
        source = design(brand, families=["Brand"])
        assert draw(source) == draw(design(brand, families=["Brand"]))


class TestPictures:
    def test_show_the_same_ink(self, brand: Font) -> None:
        source = design(brand, families=["Brand"])
        made = draw_pictures(design=source, values=VALUES, language="en", card=CARD)
        with Image.open(io.BytesIO(made["png"])) as picture:
            page = raster(draw(source), picture.width / 297)
            assert differing(picture, page) < 0.002


class TestFontSet:
    def test_is_everybodys_without_a_font_of_ones_own(self, brand: Font) -> None:
        assert fonts_for(()) is font_set()
        assert "Brand" in fonts_for((brand,)).families()
        assert "Brand" not in font_set().families()
        assert fonts_for((brand,)).digest != font_set().digest

    def test_lint_knows_no_font_of_another_tenant(self, brand: Font) -> None:
        mine, theirs = design(brand, families=["Brand"]), design(families=["Brand"])
        assert lint(mine, fonts_for(mine.fonts)) == []
        assert "there is no font “Brand”" in str(lint(theirs, fonts_for(theirs.fonts))[0])

    def test_preflight_tells_what_no_face_has(self, brand: Font) -> None:
        found = preflight(
            design=design(brand, families=["Brand"]),
            values=VALUES | {"recipient_name": "Ada \U00013000"},
            language="en",
            fonts=fonts_for((brand,)),
        )
        assert [finding.kind for finding in found] == [Kind.COVERAGE]

    def test_a_font_that_breeds_letters_holds_one_name_back(self) -> None:
        face = Face(
            family="Liar",
            weight=400,
            italic=False,
            path=Path("liar"),
            scripts=frozenset({"Latn"}),
            own=typefaces.letters_that_breed(),
        )
        fonts = FontSet(())
        fonts.faces = [face]
        with pytest.raises(CannotDraw, match="Liar makes glyphs without end"):
            paragraph([Piece("aaa")], Style(families=("Liar",)), fonts).line()
        assert paragraph([Piece("bcd")], Style(families=("Liar",)), fonts).line().width > 0
