"""A tenant's HTML: compiled where that is faithful, with a reason where it is not."""

import io
import re
from functools import partial

import pikepdf
import pytest
import zxingcpp

from templates_app.rendering import html_page
from templates_app.rendering.fonts import font_set
from templates_app.rendering.html_door import BadTemplate
from templates_app.rendering.html_page import HtmlSource, Verdict, compiled_html, render_html
from templates_app.rendering.text import CannotDraw
from tests.templates_app.designs import ISSUED_AT, VALUES, raster, text_of

PAGE = "<style>@page{size:a4 landscape;margin:2cm} p{margin:0}</style>"
BODY = (
    '<p style="text-align:center;font-size:30pt">{{ recipient_name }}</p>'
    '<p style="text-align:right">Course: <b>{{ course_title }}</b></p>'
    "<ul><li>Grade {{ grade }}</li></ul>"
    '<p><img data-field="qr" style="width:30mm;height:30mm"></p>'
)
SOURCE = HtmlSource(PAGE + BODY, ())

draw = partial(render_html, source=SOURCE, attachments={}, language="en", issued_at=ISSUED_AT)


class TestRenderHtml:
    @pytest.mark.parametrize("name", ["Siân Cadwaladr", "فاطمة الزهراء النجار", "남궁하은"])
    def test_prints_names_of_any_script(self, name: str) -> None:
        found = text_of(draw(values=VALUES | {"recipient_name": name}))
        assert name in found
        assert f"Course: {VALUES['course_title']}" in found
        assert "•" in found

    def test_the_code_leads_to_the_verify_page(self) -> None:
        (code,) = zxingcpp.read_barcodes(raster(draw(values=VALUES), dots_per_mm=8))
        assert code.text == VALUES["verify_url"]

    def test_lays_nothing_out_for_another_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        draw(values=VALUES)
        monkeypatch.setattr(html_page, "place_all", None)
        assert "Someone Else" in text_of(draw(values=VALUES | {"recipient_name": "Someone Else"}))

    @pytest.mark.parametrize(
        "hiding",
        [
            '{{#if custom.none}}<!--{{/if}}<img src="/etc/passwd">{{#if custom.none}}-->{{/if}}',
            '<img title="x{{#if custom.none}}">{{/if}}" src="/etc/passwd">',
        ],
    )
    def test_checks_what_conditions_leave(self, hiding: str) -> None:
        source = HtmlSource(PAGE + BODY + hiding, ())
        with pytest.raises(BadTemplate, match="no image"):
            draw(source=source, values=VALUES)

    def test_embeds_every_font(self) -> None:
        with pikepdf.open(io.BytesIO(draw(values=VALUES))) as pdf:
            for font in pdf.pages[0].Resources.Font.values():
                inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
                assert "/FontFile2" in inner.FontDescriptor

    @pytest.mark.parametrize("style", ["text-decoration: underline", "background-color: #ffff00"])
    def test_an_underline_or_a_ground_is_as_long_as_the_name(self, style: str) -> None:
        page = (
            f'{PAGE}<p style="font-size:40pt"><span style="{style}">{{{{ recipient_name }}}}</span>'
        )
        source = HtmlSource(page + "</p>", ())
        boxes = []
        for name in ("lll", "llllllllllllllllllll"):
            made = draw(source=source, values={"recipient_name": name})
            box = raster(made).point(lambda value: 255 * (value < 240)).getbbox()
            assert box is not None
            boxes.append(box)
        assert compiled_html(source, font_set()).why == ""
        (left, _, right, _), (start, _, end, _) = boxes
        assert abs(left - start) < 4
        assert (end - start) > (right - left) * 5

    def test_a_name_too_long_even_for_half_the_size_is_held_back(self) -> None:
        with pytest.raises(CannotDraw, match="recipient_name: the text is too long"):
            draw(values=VALUES | {"recipient_name": "Wolfeschlegelsteinhausen " * 8})


class TestCompiledHtml:
    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ("<p style='text-align:justify'>a b {{ grade }} " + "c " * 200 + "</p>", "justified"),
            ("<p>{{ recipient_name }} " + "and more words " * 20 + "</p>", "flows|moves|wraps"),
        ],
    )
    def test_says_why_not(self, body: str, why: str) -> None:
        verdict: Verdict = compiled_html(HtmlSource(PAGE + body, ()), font_set())
        assert verdict.page is None
        assert re.search(why, verdict.why)
