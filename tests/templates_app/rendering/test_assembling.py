"""A certificate's own bytes after those of its design: the same page as the slow way gives."""

import io
import re
import zlib

import pikepdf
import pytest
import zxingcpp

from templates_app.design import Source
from templates_app.rendering import pdf_writer
from templates_app.rendering.fonts import font_set
from templates_app.rendering.pdf import render_pdf
from templates_app.rendering.still import compiled, still
from tests.templates_app.designs import (
    ISSUED_AT,
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
from tests.templates_app.rendering.slow_writer import render_slowly

NAMES = ["Siân Cadwaladr", "فاطمة الزهراء النجار", "𠮷田 さくら", "Jūratė̃ Žukauskaitė"]


class TestAssemble:
    @pytest.mark.parametrize("slug", STARTERS)
    @pytest.mark.parametrize("name", NAMES)
    def test_gives_the_page_of_the_slow_way(self, slug: str, name: str) -> None:
        fast = draw(starter(slug), recipient_name=name)
        slow = render_slowly(starter(slug), VALUES | {"recipient_name": name}, "en")
        assert raster(fast).tobytes() == raster(slow).tobytes()
        assert text_of(fast) == text_of(slow)

    def test_begins_with_the_bytes_of_its_design(self) -> None:
        source = starter("harbourline")
        prefix = compiled(source, "en", font_set()).prefix
        assert draw(source, recipient_name="One").startswith(prefix)
        assert draw(source, recipient_name="Another").startswith(prefix)

    @pytest.mark.parametrize("slug", STARTERS)
    def test_is_small(self, slug: str) -> None:
        assert len(draw(starter(slug))) <= 116_000  # 120 KB with the signed credential

    def test_every_offset_leads_to_its_object(self) -> None:
        data = draw(starter("harbourline"))
        start = int(re.findall(rb"startxref\n(\d+)\n", data)[-1])
        rows = re.findall(rb"(\d{10}) 00000 n ", data[start:])
        for number, offset in enumerate(rows, start=1):
            assert data[int(offset) :].startswith(b"%d 0 obj\n" % number)

    def test_another_certificate_has_another_identity(self) -> None:
        source = Source(layout(text()), {})
        ids = {re.findall(rb"/ID\[<(\w+)>", draw(source, recipient_name=n))[0] for n in "AB"}
        assert len(ids) == 2

    @pytest.mark.parametrize("title", ["Knots (and \\ splices)", "Ολοκλήρωση", "a\nb"])
    def test_a_title_of_any_letters_is_read_back(self, title: str) -> None:
        source = Source(layout(text(), title="{{ course_title }}"), {})
        with pikepdf.open(io.BytesIO(draw(source, course_title=title))) as pdf:
            assert str(pdf.docinfo.Title) == title.replace("\n", " ")

    def test_metadata_is_well_formed_whatever_the_title_holds(self) -> None:
        source = Source(layout(text(), title="{{ course_title }}"), {})
        with (
            pikepdf.open(io.BytesIO(draw(source, course_title="R & <D>"))) as pdf,
            pdf.open_metadata() as metadata,
        ):
            assert metadata["dc:title"] == "R & <D>"


class TestStructure:
    def test_elements_stand_in_the_order_of_the_design(self) -> None:
        logo = {"kind": "image", "asset": "logo", "x": 10, "y": 5, "w": 40, "h": 20, "alt": "Logo"}
        source = Source(layout(text(), logo, text("Fixed", y=70), qr()), {"logo": png()})
        with pikepdf.open(io.BytesIO(draw(source))) as pdf:
            assert pdf.Root.MarkInfo.Marked
            elements = pdf.Root.StructTreeRoot.K.K
            assert [str(each.S) for each in elements] == ["/P", "/Figure", "/P", "/Figure"]
            assert str(elements[1].Alt) == "Logo"
            assert VALUES["verify_url"] in str(elements[3].Alt)

    def test_every_mark_of_the_content_has_its_element(self) -> None:
        with pikepdf.open(io.BytesIO(draw(starter("alnahr")))) as pdf:
            parents = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
            marks = [
                int(each.operands[1].MCID)
                for each in pikepdf.parse_content_stream(pdf.pages[0])
                if str(each.operator) == "BDC" and "/MCID" in each.operands[1]
            ]
            assert sorted(marks) == list(range(len(parents)))
            assert [int(parents[mark].K) for mark in marks] == marks

    def test_what_is_decoration_is_marked_as_such(self) -> None:
        with pikepdf.open(io.BytesIO(draw(starter("harbourline")))) as pdf:
            depth = 0
            for each in pikepdf.parse_content_stream(pdf.pages[0]):
                depth += {"BMC": 1, "BDC": 1, "EMC": -1}.get(str(each.operator), 0)
                if str(each.operator) in {"f", "S", "f*", "B", "Tj", "TJ", "Do"}:
                    assert depth, f"{each.operator} is neither content nor artifact"


class TestPaper:
    @pytest.mark.parametrize(
        ("page", "size"),
        [({"width": 297, "height": 210}, (792, 612)), ({"width": 210, "height": 297}, (612, 792))],
    )
    def test_letter_holds_the_whole_design(
        self, page: dict[str, int], size: tuple[int, int]
    ) -> None:
        source = Source(layout(text(), qr(), page=page), {})
        data = render_pdf(
            design=source,
            values=VALUES,
            attachments={},
            language="en",
            issued_at=ISSUED_AT,
            paper="letter",
        )
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert tuple(round(side) for side in pdf.pages[0].MediaBox[2:]) == size
        assert VALUES["recipient_name"] in text_of(data)
        (code,) = zxingcpp.read_barcodes(raster(data, dots_per_mm=8))
        assert code.text == VALUES["verify_url"]


class TestStill:
    def test_is_the_page_without_its_values(self) -> None:
        source = Source(layout(text(), text("Fixed", y=70)), {})
        assert text_of(still(source, "en", font_set())).strip() == "Fixed"


class TestStream:
    @pytest.mark.parametrize("level", [1, 6, 9])
    def test_says_the_same_however_it_is_deflated(
        self, level: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = bytes(range(256)) * 40
        quick = pdf_writer.stream(data, level=level)
        monkeypatch.setattr(pdf_writer, "isal", None)
        slow = pdf_writer.stream(data, level=level)
        for body in (quick, slow):
            packed = body.partition(b"stream\n")[2].removesuffix(b"\nendstream")
            assert b"/Length %d>>" % len(packed) in body
            assert zlib.decompress(packed) == data
