"""Names look as they did when somebody looked at them: a changed font or shaper is seen."""

import pytest
from PIL import Image, ImageChops

from templates_app.rendering.itemise import DRAWN, script_of
from tests.templates_app.rendering.sheets import DESIGNS, KEPT, changed, reduced, samples, sheet


def kept(slug: str, kind: str) -> Image.Image:
    with Image.open(KEPT / f"{slug}-{kind}.png") as image:
        return image.convert("L")


class TestSheet:
    @pytest.mark.parametrize("slug", DESIGNS)
    @pytest.mark.parametrize("kind", ["latin", "other", "bold"])
    def test_looks_as_it_did(self, slug: str, kind: str) -> None:
        made = sheet(slug, kind)
        assert made.size == kept(slug, kind).size
        assert changed(kept(slug, kind), made) == []

    def test_holds_every_script_that_is_drawn(self) -> None:
        letters = {letter for names in samples().values() for name, _ in names for letter in name}
        assert DRAWN - {"Zsye"} <= {script_of(letter) for letter in letters}

    @pytest.mark.parametrize("path", sorted(KEPT.glob("*.png")), ids=lambda path: path.stem)
    def test_is_small_enough_to_keep(self, path: object) -> None:
        assert path.stat().st_size < 300_000  # type: ignore[attr-defined]


class TestChanged:
    def test_sees_a_line_that_moved(self) -> None:
        image = kept("harbourline", "bold")
        moved = image.copy()
        row = image.height // 26
        moved.paste(ImageChops.offset(image.crop((0, 0, image.width, row)), 3, 0), (0, 0))
        assert changed(image, moved) != []

    def test_sees_a_mark_that_is_gone(self) -> None:
        image = kept("alnahr", "other")
        row = image.crop((0, 0, image.width, image.height // 40))
        box = row.point(lambda value: 255 * (value < 128)).getbbox()
        assert box is not None
        without = image.copy()
        without.paste(255, (box[0], box[1], box[2], box[1] + 6))
        assert changed(image, without) != []

    def test_takes_the_same_for_the_same(self) -> None:
        image = kept("alnahr", "latin")
        assert changed(image, reduced(image).convert("L")) == []
