"""What would not come out right is found before a file is made, all of it at once."""

from pathlib import Path
from typing import Any

import pytest

from templates_app.design import Source
from templates_app.rendering.choice import CannotDraw
from templates_app.rendering.fonts import SHIPPED, FontSet, font_set
from templates_app.rendering.preflight import Finding, Kind, preflight
from templates_app.rendering.variable import variable_layer
from tests.templates_app.designs import VALUES, draw, layout, starter, text
from tests.templates_app.rendering.operators import folder_of
from tests.templates_app.rendering.sheets import DESIGNS, samples


def found(design: Source, fonts: FontSet | None = None, **values: str) -> list[Finding]:
    return preflight(
        design=design, values=VALUES | values, language="en", fonts=fonts or font_set()
    )


@pytest.fixture
def plain() -> Source:
    boxes = (text(), text("{{ course_title }}", y=70, min_size=20), text("{{ grade }}", y=100))
    return Source(layout(*boxes), {})


class TestPreflight:
    @pytest.mark.parametrize("slug", DESIGNS)
    def test_finds_nothing_wrong_with_any_sample_name(self, slug: str) -> None:
        names = [name for part in samples().values() for name, _ in part]
        assert [name for name in names if found(starter(slug), recipient_name=name)] == []

    def test_tells_a_missing_font_from_a_small_place(self, plain: Source) -> None:
        findings = found(plain, recipient_name="𪚥", course_title="long " * 40)
        assert [finding.kind for finding in findings] == [Kind.COVERAGE, Kind.OVERFLOW]
        assert "recipient_name: no font has U+2A6A5" in findings[0].reason
        assert (
            findings[1].reason == "course_title: the text is too long for its place in the design"
        )

    def test_names_a_value_once_however_often_it_stands_there(self) -> None:
        assert len(found(Source(layout(text(), text(y=70)), {}), recipient_name="ᏣᎳᎩ")) == 1

    def test_tries_the_fixed_words_too(self) -> None:
        (finding,) = found(Source(layout(text("ᏣᎳᎩ"), text(y=70)), {}))
        assert "Cherokee" in finding.reason

    def test_agrees_with_what_is_drawn(self, plain: Source) -> None:
        values: dict[str, Any] = {"recipient_name": "ᏣᎳᎩ", "grade": "𪚥"}
        with pytest.raises(CannotDraw) as error:
            draw(plain, **values)
        assert error.value.reason == "; ".join(finding.reason for finding in found(plain, **values))


class TestOperatorsFonts:
    def test_draw_a_script_that_no_shipped_font_is_for(self, plain: Source, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "Noto Sans TC", "ㄅㄆㄇ ", scripts=["Bopo"])
        assert found(plain, recipient_name="ㄅㄆㄇ") != []
        fonts = FontSet([SHIPPED, folder])
        assert found(plain, fonts, recipient_name="ㄅㄆㄇ") == []
        variable = variable_layer(
            design=plain,
            values=VALUES | {"recipient_name": "ㄅㄆㄇ"},
            language="en",
            recipient_language="",
            fonts=fonts,
        )
        assert variable.lines[0].line.runs[0].face.family == "Operator Own"

    def test_are_part_of_what_the_set_is_known_by(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "Noto Sans TC", "ㄅ", scripts=["Bopo"])
        assert FontSet([SHIPPED, folder]).digest != FontSet([SHIPPED]).digest
        assert FontSet([SHIPPED]).digest == FontSet([SHIPPED]).digest
