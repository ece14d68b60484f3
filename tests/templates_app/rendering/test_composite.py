"""Glyphs made of others stand where their parts would."""

import struct

import pytest
import uharfbuzz as hb

from templates_app.rendering.composite import Composite, Part, add_composites
from templates_app.rendering.fonts import font_set


def face_of(data: bytes) -> tuple[hb.Face, hb.Font]:
    face = hb.Face(hb.Blob(data))
    return face, hb.Font(face)


@pytest.fixture(params=["Noto Sans", "EB Garamond", "Noto Sans JP"])
def subset(request: pytest.FixtureRequest) -> bytes:
    face = font_set().nearest(request.param, weight=400, italic=False)
    assert face is not None
    choice = hb.SubsetInput()
    choice.unicode_set.update(ord(letter) for letter in "Aé .")
    return bytes(hb.subset(face.hb_face, choice).blob.data)


class TestAddComposites:
    def test_leaves_a_font_without_any_as_it_is(self, subset: bytes) -> None:
        assert add_composites(subset, []) == subset

    def test_surrounds_its_parts_and_has_its_own_advance(self, subset: bytes) -> None:
        before, font = face_of(subset)
        letter = font.get_nominal_glyph(ord("A"))
        box = font.get_glyph_extents(letter)
        made = Composite((Part(letter, 0, 0), Part(letter, 700, 300)), advance=1234)
        after, grown = face_of(add_composites(subset, [made, made]))
        assert after.glyph_count == before.glyph_count + 2
        found = grown.get_glyph_extents(before.glyph_count + 1)
        assert found.x_bearing == box.x_bearing
        assert found.y_bearing == box.y_bearing + 300
        assert found.width == box.width + 700
        assert found.height == box.height - 300
        assert grown.get_glyph_h_advance(before.glyph_count + 1) == 1234

    def test_leaves_the_other_glyphs_alone(self, subset: bytes) -> None:
        before, font = face_of(subset)
        made = Composite((Part(1, 0, 0),), advance=10)
        _, grown = face_of(add_composites(subset, [made]))
        for gid in range(before.glyph_count):
            assert grown.get_glyph_h_advance(gid) == font.get_glyph_h_advance(gid)
            assert grown.get_glyph_extents(gid) == font.get_glyph_extents(gid)

    def test_a_composite_of_spaces_prints_nothing(self, subset: bytes) -> None:
        before, font = face_of(subset)
        space = font.get_nominal_glyph(ord(" "))
        made = Composite((Part(space, 0, 0), Part(space, 50, 0)), advance=500)
        _, grown = face_of(add_composites(subset, [made]))
        extents = grown.get_glyph_extents(before.glyph_count)
        assert (extents.width, extents.height) == (0, 0)

    def test_the_file_sums_up_as_a_font_must(self, subset: bytes) -> None:
        font = add_composites(subset, [Composite((Part(1, 0, 0),), advance=10)])
        total = sum(struct.unpack(f">{len(font) // 4}L", font)) & 0xFFFFFFFF
        assert total == 0xB1B0AFBA
