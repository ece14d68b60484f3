"""A certificate as PDF: the right words, a code that can be read, the same bytes every time."""

import io
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unicodedata import normalize

import pikepdf
import pytest
import zxingcpp
from PIL import ImageChops

from templates_app.design import Source
from templates_app.rendering.ornament import PATTERNS
from templates_app.rendering.pdf import render_pdf
from templates_app.rendering.png import render_png
from templates_app.rendering.still import CannotLayOut
from templates_app.rendering.text import CannotDraw
from tests.templates_app.designs import (
    STARTERS,
    VALUES,
    draw,
    layout,
    png,
    qr,
    raster,
    starter,
    text,
    text_of,
)

NAMES = [
    "Siân Cadwaladr",
    "Títílayọ̀ Ọdúnsì",
    "Jūratė̃ Žukauskaitė",
    "M̄āori Te Rangi",
    "Nguyễn Thị Bích Ngọc",
    "Ἀθηνᾶ Χατζηγιάννης",
    "Ђорђе Петровић",
    "Ґалина Їжакевич",
    "Kaʻiulani Kahananui",
    "ŊaaboƔ Ɖagbe",
    'Anne "Annie" Oakes',
    "Sam 👩🏽‍🚀 Reyes",
    "Team 🇳🇿 Aotearoa",
    "Անի Մկրտչյան",
    "ნინო მჭედლიშვილი",
    "남궁하은",
    "𠮷田 さくら",
    "فاطمة الزهراء النجار",
    "علی‌رضا رضایی",
    "שרה לוי",
    "Zoë Çelik",
    "Griffin Stuffield",
    "null",
]
HOSTILE = [
    "{{ issuer_name }}",
    "{{recipient_name}}",
    "<script>alert(1)</script>",
    "<img src=file:///etc/passwd>",
    "&amp; &lt;b&gt;",
    "%PDF-1.7 endstream endobj",
    r"(\) Tj ET Q",
]
TITLES = ["مبادئ إدارة المشاريع", "日本語ビジネス文書入門", 'Introduction to R & "Tidy" Data']


@pytest.fixture
def plain() -> Source:
    return Source(layout(text(), qr()), {})


class TestText:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_is_copied_out_as_it_was_put_in(self, plain: Source, name: str) -> None:
        assert text_of(draw(plain, recipient_name=name)).strip() == normalize("NFC", name)

    @pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
    @pytest.mark.parametrize("name", NAMES)
    def test_another_reader_agrees(self, plain: Source, name: str, tmp_path: Path) -> None:
        file = tmp_path / "certificate.pdf"
        file.write_bytes(draw(plain, recipient_name=name))
        found = subprocess.run(
            ["pdftotext", file, "-"], check=True, capture_output=True, text=True
        ).stdout
        assert found.strip().strip("\u202b\u202c") == normalize("NFC", name)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_values_are_data_whatever_they_look_like(self, plain: Source, name: str) -> None:
        assert text_of(draw(plain, recipient_name=name)).strip() == name

    @pytest.mark.parametrize("slug", STARTERS)
    @pytest.mark.parametrize("title", TITLES)
    def test_starters_print_titles_of_other_scripts(self, slug: str, title: str) -> None:
        found = text_of(draw(starter(slug), course_title=title))
        assert title in found
        assert VALUES["recipient_name"] in found

    def test_a_condition_that_is_empty_hides_its_box(self) -> None:
        source = Source(layout(text("Grade: {{ grade }}", **{"if": "grade"}), qr()), {})
        assert text_of(draw(source, grade="")).strip() == ""
        assert text_of(draw(source, grade="Merit")).strip() == "Grade: Merit"

    def test_wording_follows_the_language(self) -> None:
        words = {"en": "on {{ completed_on }}", "cy": "ar {{ completed_on }}"}
        source = Source(layout(text(words)), {})
        assert text_of(draw(source, "cy-GB")).startswith("ar 12")
        assert text_of(draw(source, "fr")).startswith("on 12")

    def test_a_title_that_cannot_be_drawn_holds_the_file_back(self, plain: Source) -> None:
        source = Source(layout(text(), text("{{ course_title }}", y=70)), {})
        with pytest.raises(CannotDraw, match=r"course_title: .*Cherokee"):
            draw(source, course_title="ᏣᎳᎩ")


class TestInk:
    @pytest.mark.parametrize("slug", STARTERS)
    @pytest.mark.parametrize("name", ["X", "Títílayọ̀ Ọdúnsì", "فاطمة الزهراء النجار"])
    def test_a_name_changes_ink_in_its_box_and_nowhere_else(self, slug: str, name: str) -> None:
        source = starter(slug)
        with_name = raster(draw(source, recipient_name=name))
        without = raster(draw(source, recipient_name=""))
        changed = ImageChops.difference(with_name, without).getbbox()
        box = next(
            each for each in source.layout["boxes"] if each.get("text") == "{{ recipient_name }}"
        )
        assert changed is not None
        left, top, right, bottom = (side / 4 for side in changed)
        assert box["x"] - 0.5 <= left < right <= box["x"] + box["w"] + 0.5
        assert box["y"] - 0.5 <= top < bottom <= box["y"] + box["h"] + 0.5

    def test_every_image_is_on_the_page(self) -> None:
        box = {"kind": "image", "asset": "logo", "x": 10, "y": 10, "w": 40, "h": 20}
        page = raster(draw(Source(layout(box), {"logo": png(40, 20)})))
        assert page.point(lambda value: 255 * (value < 250)).getbbox() == pytest.approx(
            (40, 40, 200, 120), abs=1
        )

    def test_an_image_the_library_cannot_use_is_an_error_and_no_gap(self) -> None:
        box = {"kind": "image", "asset": "logo", "x": 10, "y": 10, "w": 40, "h": 20}
        broken = png()[:60] + b"\0" * 40
        with pytest.raises(CannotLayOut):
            draw(Source(layout(box), {"logo": broken}))


class TestQr:
    @pytest.mark.parametrize("slug", STARTERS)
    def test_leads_to_the_verify_page(self, slug: str) -> None:
        found = zxingcpp.read_barcodes(raster(draw(starter(slug)), dots_per_mm=200 / 25.4))
        assert [code.text for code in found] == [VALUES["verify_url"]]

    def test_corrects_at_level_m(self, plain: Source) -> None:
        (code,) = zxingcpp.read_barcodes(raster(draw(plain)))
        assert code.ec_level == "M"


class TestDocument:
    @pytest.mark.parametrize("slug", STARTERS)
    def test_the_same_input_gives_the_same_bytes(self, slug: str) -> None:
        source = starter(slug)
        again = Source(dict(source.layout), dict(source.assets))
        assert draw(source) == draw(again)

    def test_says_what_it_is(self, plain: Source) -> None:
        issued_at = datetime(2026, 3, 1, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
        data = render_pdf(
            design=plain, values=VALUES, attachments={}, language="en", issued_at=issued_at
        )
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert str(pdf.docinfo.Title) == VALUES["course_title"]
            assert str(pdf.docinfo.CreationDate) == "D:20260301120000Z"
            assert str(pdf.Root.Lang) == "en"
            assert len(pdf.pages) == 1

    def test_carries_the_credential_as_its_data(self, plain: Source) -> None:
        with pikepdf.open(io.BytesIO(draw(plain))) as pdf:
            (associated,) = pdf.Root.AF
            assert associated.AFRelationship == "/Data"
            assert pdf.attachments["credential.jws"].get_file().read_bytes() == b"e30.e30.c2ln"

    def test_embeds_subsets_of_its_fonts_only(self, plain: Source) -> None:
        with pikepdf.open(io.BytesIO(draw(plain))) as pdf:
            fonts = [font.DescendantFonts[0] for font in pdf.pages[0].Resources.Font.values()]
            assert fonts
            for font in fonts:
                assert "+" in str(font.BaseFont)
                assert len(font.FontDescriptor.FontFile2.read_bytes()) < 20_000

    def test_holds_no_script(self, plain: Source) -> None:
        data = draw(plain)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert "/OpenAction" not in pdf.Root
            assert "/JavaScript" not in pdf.Root.get("/Names", {})

    @pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf")
    @pytest.mark.parametrize("slug", STARTERS)
    def test_is_sound(self, slug: str, tmp_path: Path) -> None:
        file = tmp_path / "certificate.pdf"
        file.write_bytes(draw(starter(slug)))
        subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)


class TestRenderPng:
    def test_is_as_wide_as_asked_and_the_same_every_time(self, plain: Source) -> None:
        pdf = draw(plain)
        first = render_png(pdf=pdf, width=640)
        assert first == render_png(pdf=pdf, width=640)
        assert int.from_bytes(first[16:20], "big") == 640

    def test_refuses_to_fill_the_memory(self, plain: Source) -> None:
        with pytest.raises(ValueError, match="width"):
            render_png(pdf=draw(plain), width=100_000)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_ornament_may_have_a_share_of_a_colour(pattern: str) -> None:
    area = {"x": 0, "y": 0, "w": 100, "h": 100}
    box = {"kind": "ornament", "pattern": pattern, **area}
    full, pale = (
        min(raster(draw(Source(layout({**box, "colour": each, "accent": each}), {}))).tobytes())
        for each in ("primary", "primary 30%")
    )
    assert full < pale < 255
