"""Pictures of a certificate: the ink of its PDF, without the PDF."""

import io
import random
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageStat

from templates_app.design import Source
from templates_app.rendering import picture, plate
from templates_app.rendering.fonts import font_set
from templates_app.rendering.og import Card
from templates_app.rendering.png import Ground, Piece, put_ink
from templates_app.rendering.text import CannotDraw
from templates_app.rendering.variable import variable_layer
from tests.templates_app.designs import CODE, STARTERS, VALUES, draw, layout, qr, starter, text

CARD = Card("Harbourline Academy", "certificates.example.org", ())
LONGEST = "Maria-Magdalena Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
NAMES = ["Siân Cadwaladr", LONGEST, "فاطمة الزهراء النجار"]
WHOLE = VALUES | {"verify_code": CODE}


def pictures(source: Source, *wanted: str, card: Card = CARD, **values: str) -> list[Image.Image]:
    drawn = files(source, *wanted, card=card, **values)
    return [Image.open(io.BytesIO(content)) for content in drawn]


def files(source: Source, *wanted: str, card: Card = CARD, **values: str) -> list[bytes]:
    drawn = picture.draw_pictures(
        design=source, values=WHOLE | values, language="en", card=card, wanted=wanted
    )
    return [drawn[name] for name in wanted]


def whole(source: Source, size: tuple[int, int], **values: str) -> Image.Image:
    """Return the certificate's PDF, rasterised whole in full colour."""
    pdf = draw(source, **(WHOLE | values))
    ground = Ground(Image.new("RGB", size, "white"), [Piece(0, 0, 0, *size)], size)
    return put_ink(pdf, [ground])[0]


def photograph(width: int = 600, height: int = 424) -> bytes:
    """Return a picture in more colours than a palette holds."""
    dice = random.Random(7)
    small = Image.frombytes("RGB", (12, 9), dice.randbytes(12 * 9 * 3))
    output = io.BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(output, "PNG")
    return output.getvalue()


@pytest.fixture(scope="module")
def with_photograph() -> Source:
    box = {"kind": "image", "asset": "view", "x": 5, "y": 5, "w": 140, "h": 90}
    return Source(layout(box, text(), qr()), {"view": photograph()})


class TestDrawPictures:
    @pytest.mark.parametrize("slug", STARTERS)
    @pytest.mark.parametrize("name", NAMES)
    def test_the_png_shows_the_pdf(self, slug: str, name: str) -> None:
        source = starter(slug)
        (content,) = files(source, "png", recipient_name=name)
        page = Image.open(io.BytesIO(content))
        assert page.size == (1600, 2263 if "Meridian" in slug else 1131)
        assert len(content) <= 150_000
        assert page.info["Title"].startswith(name)
        reference = whole(source, page.size, recipient_name=name)
        difference = ImageChops.difference(page.convert("RGB"), reference)
        assert max(ImageStat.Stat(difference).mean) <= 2
        (code,) = zxingcpp.read_barcodes(page.convert("L"))
        assert code.text == VALUES["verify_url"]

    def test_ink_has_its_own_colour(self) -> None:
        (page,) = pictures(starter("harbourline"), "png")
        title = page.convert("RGB").crop((137, 590, 700, 650))
        counted: Any = title.getcolors(10_000)
        assert any(
            max(abs(a - b) for a, b in zip(colour, (11, 92, 107), strict=True)) <= 1
            for _, colour in counted
        )

    @pytest.mark.parametrize("slug", STARTERS)
    def test_a_plain_encoding_has_the_same_pixels(self, slug: str) -> None:
        source, fonts = starter(slug), font_set()
        variable = variable_layer(
            design=source, values=WHOLE, language="en", recipient_language="", fonts=fonts
        )
        prepared = picture.page_plate(source, variable.wording, fonts, 1600)
        ((bitmap, _),) = plate.printed([prepared], variable)
        plain = io.BytesIO()
        bitmap.save(plain, "PNG")
        (spliced,) = pictures(source, "png")
        assert spliced.tobytes() == Image.open(plain).tobytes()

    def test_one_certificate_leaves_no_trace_on_the_next(self) -> None:
        source = starter("harbourline")
        (before,) = files(source, "png", recipient_name="X")
        files(source, "png", recipient_name=LONGEST)
        assert files(source, "png", recipient_name="X") == [before]

    def test_the_same_input_gives_the_same_bytes(self) -> None:
        source = starter("harbourline")
        names = ("png", "thumbnail", "card")
        first = files(source, *names)
        picture.page_plate.cache_clear()
        assert files(Source(dict(source.layout), dict(source.assets)), *names) == first

    def test_a_photograph_keeps_its_colours(self, with_photograph: Source) -> None:
        (page,) = pictures(with_photograph, "png")
        assert page.mode == "RGB"
        difference = ImageChops.difference(page, whole(with_photograph, page.size))
        assert max(ImageStat.Stat(difference).mean) <= 1

    def test_the_thumbnail_is_small_and_of_the_same_page(self) -> None:
        (small,) = pictures(starter("harbourline"), "thumbnail")
        assert small.size == (640, 453)
        large = whole(starter("harbourline"), (1600, 1132)).resize(small.size, Image.Resampling.BOX)
        difference = ImageChops.difference(small.convert("RGB"), large)
        assert max(ImageStat.Stat(difference).mean) <= 4

    def test_what_cannot_be_drawn_is_held_back(self) -> None:
        with pytest.raises(CannotDraw, match="recipient_name"):
            files(Source(layout(text(), qr()), {}), "png", recipient_name="ᏣᎳᎩ")


class TestCard:
    def test_shows_the_name_on_the_issuers_colour(self) -> None:
        card = Card("Harbourline Academy", "certificates.example.org", (("primary", "#112233"),))
        (one,) = pictures(starter("harbourline"), "card", card=card, recipient_name="Ada")
        (other,) = pictures(starter("harbourline"), "card", card=card, recipient_name="Bo Li")
        assert one.size == (1200, 630)
        rgb = one.convert("RGB")
        assert {rgb.getpixel(at) for at in ((0, 0), (1199, 0), (0, 629), (40, 300))} == {
            (17, 34, 51)
        }
        changed = ImageChops.difference(rgb, other.convert("RGB")).getbbox()
        assert changed is not None
        left, top, right, bottom = changed
        assert 80 <= left < right <= 1120
        assert 52 <= top < bottom <= 538

    @pytest.mark.parametrize(
        ("page", "name_at"),
        [((297, 210), 150), ((210, 297), 60), ((210, 297), 200), ((148, 210), 190)],
    )
    def test_the_name_is_seen_wherever_a_design_has_it(
        self, page: tuple[int, int], name_at: int
    ) -> None:
        box = text(x=20, y=name_at, w=100, h=15, size=24)
        size: dict[str, Any] = {"page": {"width": page[0], "height": page[1]}}
        source = Source(layout(box, qr(y=20), **size), {})
        one, other = (
            pictures(source, "card", recipient_name=name)[0].convert("RGB")
            for name in ("Ada", "Bo")
        )
        assert ImageChops.difference(one, other).getbbox() is not None

    def test_an_issuer_no_font_draws_is_left_out(self) -> None:
        card = Card("สถาบัน", "certificates.example.org", ())
        (page,) = pictures(starter("harbourline"), "card", card=card)
        assert page.size == (1200, 630)
