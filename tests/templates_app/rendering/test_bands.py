"""Pictures out of bands: what is spliced decodes to the very pixels that were packed."""

import io
import random
import zlib
from unittest.mock import patch

import pytest
from PIL import Image

from templates_app.rendering import bands


def noise(mode: str, size: tuple[int, int], seed: int = 1) -> Image.Image:
    """Return a picture of which no two rows are alike."""
    raw = random.Random(seed).randbytes(size[0] * size[1] * (3 if mode == "RGB" else 1))
    picture = Image.frombytes(mode, size, raw)
    if mode == "P":
        picture.putpalette([value for colour in range(256) for value in (colour, 255 - colour, 9)])
    return picture


def decoded(picture: Image.Image, packed: list[bands.Band]) -> Image.Image:
    png = bands.assemble(picture, packed, per_metre=5387, texts={"Title": "Siân – 𠮷田"})
    opened = Image.open(io.BytesIO(png))
    opened.load()  # checks the check sums
    return opened


@pytest.mark.parametrize("mode", ["P", "RGB"])
class TestPack:
    @pytest.mark.parametrize("height", [1, bands.ROWS, bands.ROWS + 1, 100])
    def test_bands_decode_to_the_pixels(self, mode: str, height: int) -> None:
        picture = noise(mode, (37, height))
        opened = decoded(picture, list(bands.pack_all(picture)))
        assert (opened.mode, opened.tobytes()) == (mode, picture.tobytes())

    def test_a_band_replaced_leaves_its_neighbours_alone(self, mode: str) -> None:
        first, second = noise(mode, (37, 100), 1), noise(mode, (37, 100), 2)
        packed = list(bands.pack_all(first))
        packed[1:3] = [bands.pack(second, bands.ROWS, 3 * bands.ROWS)]
        mixed = first.copy()
        mixed.paste(second.crop((0, bands.ROWS, 37, 3 * bands.ROWS)), (0, bands.ROWS))
        assert decoded(first, packed).tobytes() == mixed.tobytes()

    def test_without_isal_it_is_slower_and_no_different(self, mode: str) -> None:
        picture = noise(mode, (37, 64))
        with patch.object(bands, "isal", None):
            packed = [bands.pack(picture, 0, 64)]
        assert decoded(picture, packed).tobytes() == picture.tobytes()


class TestCombine:
    @pytest.mark.parametrize("sizes", [(0, 5), (5, 0), (1, 1), (70_000, 5_553), (5_552, 200_000)])
    def test_is_the_sum_of_the_whole(self, sizes: tuple[int, int]) -> None:
        first, second = (random.Random(size).randbytes(size) for size in sizes)
        combined = bands.combine(zlib.adler32(first), zlib.adler32(second), len(second))
        assert combined == zlib.adler32(first + second)


class TestAssemble:
    def test_says_what_the_file_is(self) -> None:
        picture = noise("P", (8, 8))
        info = decoded(picture, list(bands.pack_all(picture))).info
        assert info["Title"] == "Siân – 𠮷田"
        assert info["srgb"] == 0
        assert info["dpi"] == pytest.approx((136.83, 136.83), abs=0.01)
