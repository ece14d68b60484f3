"""The still part of a design: made once, and a design that fails is not tried for ever."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from templates_app.design import Source
from templates_app.rendering import still as still_module
from templates_app.rendering.fonts import font_set
from templates_app.rendering.still import CannotLayOut, compiled
from tests.templates_app.designs import layout, text


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    still_module._failed.clear()
    yield
    still_module._failed.clear()


@pytest.fixture
def source() -> Source:
    return Source(layout(text("Still")), {})


class TestCompiled:
    def tries(self, source: Source, error: Exception) -> Any:
        with patch.object(still_module, "compile_design", side_effect=error) as tried:
            for _ in range(5):
                with pytest.raises(CannotLayOut):
                    compiled(source, "zz", font_set())
        return tried.call_count

    def test_a_design_at_fault_is_tried_once(self, source: Source) -> None:
        assert self.tries(source, CannotLayOut("2 pages")) == 1

    def test_a_design_that_was_stopped_is_tried_three_times(self, source: Source) -> None:
        assert self.tries(source, CannotLayOut("slow", "timeout")) == 3

    def test_the_same_design_is_the_same_bytes(self, source: Source) -> None:
        again = Source(dict(source.layout), {})
        assert compiled(source, "en", font_set()) is compiled(again, "en", font_set())
