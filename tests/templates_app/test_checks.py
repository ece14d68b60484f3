"""A folder of fonts that cannot be used is named at the start."""

import json
from pathlib import Path

from pytest_django import Settings

from templates_app.checks import font_folders
from templates_app.rendering.fonts import SHIPPED, FontSet


class TestFontFolders:
    def test_names_a_folder_without_a_list(self, settings: Settings, tmp_path: Path) -> None:
        settings.CERT_FONT_DIRS = [str(SHIPPED), str(tmp_path)]
        (problem,) = font_folders()
        assert problem.id == "templates_app.E001"
        assert str(tmp_path) in problem.msg


class TestFontSet:
    def test_adds_the_fonts_of_further_folders(self, tmp_path: Path) -> None:
        entry = {"family": "House Serif", "weight": 400, "italic": False, "scripts": ["Latn"]}
        source = SHIPPED / "noto-serif" / "NotoSerif_400Regular.ttf"
        listed = [entry | {"file": str(source)}]
        (tmp_path / "fonts.json").write_text(json.dumps(listed))
        fonts = FontSet((SHIPPED, tmp_path))
        face = fonts.nearest("House Serif", weight=400, italic=False)
        assert face is not None
        assert face.covers("ọ̀")
