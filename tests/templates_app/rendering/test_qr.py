"""QR codes: read back before they are given out, and there without the fast library."""

import io
from unittest.mock import patch

import pytest
import zxingcpp
from PIL import Image

from templates_app.design import Area
from templates_app.rendering import qr, sheet
from templates_app.rendering.canvas import Canvas
from templates_app.rendering.png import render_png
from tests.templates_app.designs import CODE

LINK = f"https://certificates.example.org/verify/{CODE}"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    qr.modules.cache_clear()


def picture(rows: tuple[bytes, ...]) -> Image.Image:
    """Return the code as it would be printed, quiet zone included."""
    side = len(rows)
    printed = Image.new("L", (side + 2 * qr.QUIET, side + 2 * qr.QUIET), 255)
    printed.paste(Image.frombytes("L", (side, side), b"".join(rows)), (qr.QUIET, qr.QUIET))
    return printed.resize((printed.width * 4, printed.width * 4), Image.Resampling.NEAREST)


class TestModules:
    @pytest.mark.parametrize("content", [LINK, "HTTPS://A.EXAMPLE/1", "x", "Zoë – שרה"])
    def test_say_the_content(self, content: str) -> None:
        (read,) = zxingcpp.read_barcodes(picture(qr.modules(content)))
        assert (read.text, read.ec_level) == (content, "M")

    def test_a_link_is_at_most_version_5(self) -> None:
        longest = f"https://{'a' * 33}.org/verify/{CODE}"
        assert len(qr.modules(longest)) <= 17 + 4 * 5

    def test_are_made_by_segno_where_the_fast_library_is_missing(self) -> None:
        with patch.object(qr, "zxing", None):
            rows = qr.modules(LINK)
        (read,) = zxingcpp.read_barcodes(picture(rows))
        assert (read.text, read.ec_level) == (LINK, "M")

    def test_that_do_not_read_back_are_not_given_out(self) -> None:
        with (
            patch.object(qr.zxing, "read_barcodes", return_value=[]),
            pytest.raises(qr.NotRead),
        ):
            qr.modules(LINK)


class TestDraw:
    def test_stands_in_the_middle_of_its_area_on_bare_paper(self) -> None:
        canvas = Canvas(60)
        canvas.fill("#808080")
        canvas.rectangle(0, 0, 100, 60)
        canvas.paint("f")
        qr.draw(canvas, Area(20, 10, 50, 30), qr.Message(LINK), colour="#000000", paper="#ffffff")
        pdf = sheet.page(canvas.bytes(), [], size=(100, 60))
        page = Image.open(io.BytesIO(render_png(pdf=pdf, width=1000)))
        (read,) = zxingcpp.read_barcodes(page)
        assert read.text == LINK
        bare = page.convert("L").point(lambda value: 255 * (abs(value - 128) > 64)).getbbox()
        assert bare == pytest.approx((300, 100, 600, 400), abs=1)
