"""Images in a file: no finer than print needs, small, and looking as they did."""

import io

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from templates_app.design import Source
from templates_app.rendering.image_objects import shrink
from tests.templates_app.designs import draw, layout, raster

BOX = {"kind": "image", "asset": "logo", "x": 10, "y": 10, "w": 60, "h": 60}


def file_of(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def photograph() -> Image.Image:
    red = Image.linear_gradient("L").resize((900, 900))
    noise = Image.effect_noise((900, 900), 90).filter(ImageFilter.GaussianBlur(4))
    return Image.merge("RGBA", [red, noise, red.rotate(90), Image.new("L", (900, 900), 255)])


def drawing() -> Image.Image:
    image = Image.new("RGBA", (1200, 1200), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 1100, 1100), fill=(11, 92, 107, 255))
    pen.rectangle((500, 500, 700, 700), fill=(200, 160, 40, 128))
    return image


class TestShrink:
    def test_keeps_what_print_can_show(self) -> None:
        assert shrink(drawing(), width=60, height=60).width == round(60 / 25.4 * 270)

    def test_never_makes_an_image_larger(self) -> None:
        assert shrink(Image.new("RGBA", (40, 20)), width=200, height=100).size == (40, 20)


class TestWriteImage:
    @pytest.mark.parametrize("image", [drawing(), photograph()], ids=["drawing", "photograph"])
    def test_the_picture_looks_as_it_did(self, image: Image.Image) -> None:
        page = raster(draw(Source(layout(BOX), {"logo": file_of(image)}))).crop((40, 40, 280, 280))
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        wanted = ground.convert("L").resize((240, 240), Image.Resampling.BOX)
        difference = ImageChops.difference(page, wanted).crop((3, 3, 237, 237))
        assert sum(difference.histogram()[16:]) < 240 * 234 * 0.02

    def test_a_photograph_stays_small(self) -> None:
        with pikepdf.open(
            io.BytesIO(draw(Source(layout(BOX), {"logo": file_of(photograph())})))
        ) as pdf:
            (image,) = pdf.pages[0].Resources.XObject.values()
            assert str(image.Filter) == "/DCTDecode"
            assert len(image.read_raw_bytes()) < 150_000
