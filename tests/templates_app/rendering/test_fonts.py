"""The fonts in the repository are the ones the manifest names, with their licences."""

import json
from hashlib import sha256

import pytest

from templates_app.rendering.fonts import SHIPPED, font_set

MANIFEST = json.loads((SHIPPED / "fonts.json").read_text())


class TestShippedFonts:
    @pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["file"]))
    def test_are_the_files_that_were_looked_at(self, entry: dict[str, str]) -> None:
        file = SHIPPED / entry["file"]
        assert sha256(file.read_bytes()).hexdigest() == entry["sha256"]
        assert "SIL OPEN FONT LICENSE" in (file.parent / "OFL.txt").read_text().upper()

    def test_nothing_lies_about_unlisted(self) -> None:
        assert {str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*.ttf")} == {
            entry["file"] for entry in MANIFEST
        }

    def test_the_repository_stays_small(self) -> None:
        assert sum(path.stat().st_size for path in SHIPPED.rglob("*.ttf")) < 44_000_000


class TestNearest:
    def test_finds_the_weight_nearest_to_the_wish(self) -> None:
        face = font_set().nearest("EB Garamond", weight=700, italic=False)
        assert face is not None
        assert face.weight == 600

    def test_knows_no_face_of_an_unknown_family(self) -> None:
        assert font_set().nearest("Comic Sans", weight=400, italic=False) is None
