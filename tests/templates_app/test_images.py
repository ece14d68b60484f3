"""Uploads are pictures of a bearable size, written anew, or nothing."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from templates_app.images import MOST_BYTES, BadImage, reencode
from tests.templates_app.designs import png


def bomb(width: int, height: int) -> bytes:
    """Return a PNG whose header promises more than is there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


class TestReencode:
    @pytest.mark.parametrize("width", [4000, 12_000, 20_000])
    def test_refuses_a_bomb_before_unpacking_it(self, width: int) -> None:
        with pytest.raises(BadImage):
            reencode(bomb(width, width))

    @pytest.mark.parametrize(
        "upload",
        [
            b"",
            b"not an image",
            png()[:70],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7",
        ],
    )
    def test_refuses_what_is_no_picture(self, upload: bytes) -> None:
        with pytest.raises(BadImage, match="not a PNG or JPEG"):
            reencode(upload)

    def test_refuses_other_formats_under_any_name(self) -> None:
        output = io.BytesIO()
        Image.new("RGB", (4, 4)).save(output, "GIF")
        with pytest.raises(BadImage):
            reencode(output.getvalue())

    def test_refuses_a_large_file(self) -> None:
        with pytest.raises(BadImage, match="2 MiB"):
            reencode(b"\0" * (MOST_BYTES + 1))

    def test_strips_metadata(self) -> None:
        facts = PngImagePlugin.PngInfo()
        facts.add_text("Comment", "secret")
        output = io.BytesIO()
        Image.new("RGBA", (4, 4), "teal").save(output, "PNG", pnginfo=facts)
        assert b"secret" in output.getvalue()
        assert b"secret" not in reencode(output.getvalue()).content

    def test_trims_empty_margins(self) -> None:
        image = Image.new("RGBA", (40, 30))
        image.paste("teal", (10, 5, 20, 25))
        output = io.BytesIO()
        image.save(output, "PNG")
        assert (reencode(output.getvalue()).width, reencode(output.getvalue()).height) == (10, 20)
        assert reencode(output.getvalue(), trim=False).width == 40

    def test_keeps_a_picture_that_is_clear_all_over(self) -> None:
        assert reencode(png(7, 5, colour=(0, 0, 0, 0))).width == 7

    def test_is_the_same_for_the_same_upload(self) -> None:
        assert reencode(png()).content == reencode(png()).content
