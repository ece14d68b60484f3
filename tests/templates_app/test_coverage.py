"""The list of scripts says what is really drawn."""

from pathlib import Path

from templates_app.coverage import coverage
from templates_app.rendering.fonts import SHIPPED, FontSet
from templates_app.rendering.itemise import DRAWN
from tests.templates_app.rendering.operators import folder_of


class TestCoverage:
    def test_holds_every_script_of_the_shipped_fonts(self) -> None:
        found = coverage(FontSet([SHIPPED]))
        assert {each.code for each in found} == DRAWN
        assert not any(each.is_operators for each in found)

    def test_marks_what_an_operator_brought(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "Noto Sans TC", "ㄅ", scripts=["Bopo"])
        found = {each.code: each for each in coverage(FontSet([SHIPPED, folder]))}
        assert found["Bopo"].families == ("Operator Own",)
        assert found["Bopo"].is_operators

    def test_leaves_out_what_has_no_font(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "Noto Sans", "ab", scripts=["Latn"])
        assert [each.code for each in coverage(FontSet([folder]))] == ["Latn"]
