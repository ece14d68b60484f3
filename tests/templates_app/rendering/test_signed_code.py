"""Codes with a signed statement: large enough for paper, in layouts and in HTML, else the link."""

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from templates_app.design import STATEMENT, Source
from templates_app.design_lint import lint
from templates_app.faults import faults_in
from templates_app.queries import prints_statement
from templates_app.rendering import qr
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.fonts import font_set
from templates_app.rendering.html_door import BadTemplate, check
from templates_app.rendering.html_page import HtmlSource, render_html
from templates_app.rendering.og import Card
from templates_app.rendering.picture import draw_pictures
from tests.factories.rows import make_template, make_tenant, make_version
from tests.templates_app.designs import ISSUED_AT, VALUES, draw, layout, raster, text

SIGNED = f"ey{'Jh' * 75}.ey{'Jq' * 110}.{'s' * 86}"
LINK = VALUES["verify_url"]
WHOLE = f"{LINK}#{SIGNED}"
HTML = '<p>{{ recipient_name }}</p><img data-field="qr"%s style="width:%smm;height:%smm">'


def box(side: float = 42, **members: Any) -> dict[str, Any]:
    area = {"x": 20, "y": 80, "w": side, "h": side}
    return {"kind": "qr", **area, "content": "signed", **members}


SOURCE = Source(layout(text(), box()), {})


def said_by(page: Image.Image) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(page)]


def html(
    attribute: str = ' data-content="signed"', side: float = 45, signed: str = SIGNED
) -> bytes:
    return render_html(
        source=HtmlSource(HTML % (attribute, side, side), ()),
        values=VALUES | {STATEMENT: signed},
        attachments={},
        language="en",
        issued_at=ISSUED_AT,
    )


class TestMessage:
    def test_is_link_and_statement_at_level_m_as_a_rule(self) -> None:
        assert qr.message(LINK, SIGNED, side=qr.LEAST_SIGNED) == (WHOLE, "M")

    def test_is_the_link_where_there_is_no_statement(self) -> None:
        assert qr.message(LINK, "", side=qr.LEAST_SIGNED) == (LINK, "M")

    def test_keeps_modules_large_at_any_length(self) -> None:
        levels = []
        for length in range(300, 3200, 100):
            said = qr.message(LINK, "x" * length, side=qr.LEAST_SIGNED)
            modules = len(qr.modules(*said)) + 2 * qr.QUIET
            assert said.content == LINK or qr.LEAST_SIGNED / modules >= qr.LEAST_MODULE
            levels.append((said.level, said.content == LINK))
        assert list(dict.fromkeys(levels)) == [("M", False), ("L", False), ("M", True)]

    def test_is_read_back_by_segno_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        qr.modules.cache_clear()
        monkeypatch.setattr(qr, "zxing", None)
        assert qr.message(LINK, SIGNED, side=42) == (WHOLE, "M")
        qr.modules.cache_clear()


class TestLayout:
    def test_prints_the_statement_so_that_paper_can_be_read(self) -> None:
        pdf = draw(SOURCE, **{STATEMENT: SIGNED})
        assert said_by(raster(pdf, dots_per_mm=200 / 25.4)) == [WHOLE]
        # Who listens to the page hears the link, not five hundred letters.
        assert SIGNED.encode("utf-16-be") not in pdf

    def test_shows_it_in_the_picture_as_well(self) -> None:
        drawn = draw_pictures(
            design=SOURCE,
            values=VALUES | {STATEMENT: SIGNED},
            language="en",
            card=Card("Harbourline", "certificates.example.org", ()),
            wanted=["png"],
        )
        assert said_by(Image.open(io.BytesIO(drawn["png"]))) == [WHOLE]

    def test_prints_the_link_alone_where_nothing_was_signed_or_asked(self) -> None:
        bare = Source(layout(text(), box(content="link")), {})
        for source, values in ((SOURCE, {}), (bare, {STATEMENT: SIGNED})):
            assert said_by(raster(draw(source, **values), 8)) == [LINK]

    def test_is_linted_for_its_size(self) -> None:
        def found(side: float) -> list[str]:
            return [
                str(each) for each in lint(Source(layout(text(lines=2), box(side)), {}), font_set())
            ]

        assert found(qr.LEAST_SIGNED) == []
        (problem,) = found(39.5)
        assert problem == (
            "/boxes/1: the signed QR code is 39.5 mm wide, too small to be read from paper. "
            "Make it at least 40 mm wide, or let it carry the link alone."
        )

    def test_has_contents_that_are_known(self) -> None:
        (problem,) = lint(Source(layout(text(), box(content="everything")), {}), font_set())
        assert problem.pointer == "/boxes/1/content"


class TestHtml:
    def test_prints_the_statement_where_the_tag_asks_for_it(self) -> None:
        assert said_by(raster(html(), 8)) == [WHOLE]
        for attribute in ("", ' data-content="link"'):
            assert said_by(raster(html(attribute), 8)) == [LINK]
        assert said_by(raster(html(signed=""), 8)) == [LINK]

    def test_refuses_one_that_is_too_small(self) -> None:
        with pytest.raises(CannotLayOut, match=r"30 mm wide, too small .* at least 40 mm"):
            html(side=30)
        assert said_by(raster(html("", side=30), 8)) == [LINK]

    def test_says_so_before_it_is_published(self) -> None:
        source = HtmlSource(HTML % (' data-content="signed"', 30, 30), ())
        (problem,) = faults_in(source)
        assert "the signed QR code is 30 mm wide" in problem.problem

    def test_has_contents_that_are_known(self) -> None:
        with pytest.raises(BadTemplate, match="line 1: data-content must be link or signed"):
            check(HTML % (' data-content="everything"', 45, 45), assets=())


@pytest.mark.django_db
class TestPrintsStatement:
    @pytest.mark.parametrize(
        ("content", "asks"),
        [({"content": "signed"}, True), ({"content": "link"}, False), ({}, False)],
    )
    def test_says_what_a_layout_asks_for(self, content: dict[str, str], asks: bool) -> None:
        code = {key: value for key, value in box().items() if key != "content"} | content
        template = make_template(make_tenant(slug="one", name="One"))
        assert prints_statement(make_version(template, layout=layout(text(), code))) is asks

    @pytest.mark.parametrize(
        ("attribute", "asks"),
        [
            (' data-content="signed"', True),
            (" data-content=signed", True),
            (" data-content='link'", False),
            ("", False),
        ],
    )
    def test_says_what_html_asks_for(self, attribute: str, asks: bool) -> None:
        version = make_version(make_template(make_tenant(slug="one", name="One")))
        version.html = HTML % (attribute, 45, 45)
        assert prints_statement(version) is asks
        (said,) = said_by(raster(html(attribute), 8))
        assert (said == WHOLE) is asks
