"""Baking: one uncompressed iTXt chunk, and the picture untouched."""

import io
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from certificates.credential.baking import SVG_NAMESPACE, NotBaked, bake, bake_svg, unbake


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((32, 32), 40).save(buffer, "PNG")
    return buffer.getvalue()


class TestBake:
    def test_is_read_back_by_pillow_and_by_unbake(self) -> None:
        baked = bake(picture(), "eyJ.ü.sig")
        with Image.open(io.BytesIO(baked)) as image:
            image.load()
            assert image.text["openbadgecredential"] == "eyJ.ü.sig"  # type: ignore[attr-defined]
        assert unbake(baked) == "eyJ.ü.sig"

    def test_leaves_every_pixel_as_it_was(self) -> None:
        plain = picture()
        with (
            Image.open(io.BytesIO(plain)) as before,
            Image.open(io.BytesIO(bake(plain, "x"))) as after,
        ):
            assert before.tobytes() == after.tobytes()

    def test_refuses_a_picture_that_holds_one(self) -> None:
        with pytest.raises(NotBaked):
            bake(bake(picture(), "x"), "y")


class TestUnbake:
    def test_refuses_what_holds_none(self) -> None:
        with pytest.raises(NotBaked):
            unbake(picture())

    @pytest.mark.parametrize("cut", [0, 5, 20, 60])
    def test_refuses_damaged_bytes(self, cut: int) -> None:
        baked = bake(picture(), "x" * 500)
        with pytest.raises(NotBaked):
            unbake(baked[:cut])


class TestBakeSvg:
    SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>a &gt; b</title></svg>'

    def test_is_read_back_by_an_xml_reader(self) -> None:
        root = ET.fromstring(bake_svg(self.SVG, "eyJ.eyJ.s-_"))  # noqa: S314 - our own
        held = root[0]  # the first child, as Open Badges 3.0 §5.3.2 has it
        assert held.tag == f"{{{SVG_NAMESPACE}}}credential"
        assert held.get("verify") == "eyJ.eyJ.s-_"
        assert [child.tag for child in root[1:]] == ["{http://www.w3.org/2000/svg}title"]

    def test_a_credential_cannot_break_out(self) -> None:
        root = ET.fromstring(bake_svg(self.SVG, '"/><script>&'))  # noqa: S314 - our own
        assert root[0].get("verify") == '"/><script>&'
        assert len(root) == 2

    def test_refuses_a_second_one_and_what_is_no_svg(self) -> None:
        with pytest.raises(NotBaked):
            bake_svg(bake_svg(self.SVG, "x"), "y")
        with pytest.raises(NotBaked):
            bake_svg("<html></html>", "x")
