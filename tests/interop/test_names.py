"""Names as others see them: copied out by poppler, shaped and drawn by a browser."""

import io
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import sync_playwright

from templates_app.design import Source
from templates_app.rendering.fonts import font_set
from templates_app.rendering.itemise import DRAWN, script_of
from templates_app.rendering.text import Piece, Run, Style, paragraph
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.templates_app.designs import draw, layout, raster, text
from tests.templates_app.rendering.reading import NAMES, VOWELLED, assert_same, plain

# Poppler joins single letters with a space between them and breaks a line at an ideographic one.
_SPACES_LOST = {"Å Ö", "䶮 喆", "山田\u3000太郎"}
_FAMILIES = ("Noto Serif", "Amiri")
_SIZE, _ROW, _WIDE = 96, 320, 1700  # pixels
_POINTS = 30
_TOLERANCE = 0.13


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
class TestPoppler:
    @pytest.mark.parametrize(("name", "language"), [*NAMES, *((name, "") for name in VOWELLED)])
    def test_gives_the_name(self, name: str, language: str, tmp_path: Path) -> None:
        file = tmp_path / "certificate.pdf"
        file.write_bytes(draw(plain(), language or "en", recipient_name=name))
        found = subprocess.run(
            ["pdftotext", file, "-"], check=True, capture_output=True, text=True
        ).stdout
        if name in _SPACES_LOST:
            assert "".join(found.split()) == "".join(name.split())
        else:
            assert_same(found, name)


@cache
def one_of_each() -> Mapping[str, tuple[str, str, Run]]:
    """Return a sample name for each script that takes one font, with its language and its run."""
    found: dict[str, tuple[str, str, Run]] = {}
    for name, language in NAMES:
        style = Style(families=_FAMILIES, language=language or "en")
        runs = paragraph([Piece(name, is_value=True)], style, font_set()).line().runs
        scripts = {script_of(letter) for letter in name} - {""}
        if len(runs) == len(scripts) == 1:
            found.setdefault(scripts.pop(), (name, language, runs[0]))
    return found


def page_of(names: Mapping[str, tuple[str, str, Run]]) -> str:
    """Return a page with a row for each name, in our font and no other."""
    styles, rows = [], []
    for script, (name, language, run) in names.items():
        source = f"src: url({run.face.path.as_uri()})"
        styles.append(f"@font-face {{font-family: f{script}; {source}}}")
        rows.append(
            f'<div dir="auto" lang="{language}" style="font-family: f{script}">{name}</div>'
        )
    row = (
        f"div {{height: {_ROW}px; line-height: {_ROW}px; font-size: {_SIZE}px; width: {_WIDE}px;"
        " text-align: center; white-space: pre; overflow: hidden;"
        " text-rendering: geometricPrecision}"
    )
    head = f"<style>body {{margin: 0}} {row} {' '.join(styles)}</style>"
    return f"<!doctype html><meta charset=utf-8>{head}{''.join(rows)}"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Image.Image]:
    """Return what the browser makes of each name."""
    names = one_of_each()
    file = tmp_path_factory.mktemp("browser") / "names.html"
    file.write_text(page_of(names), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": _WIDE, "height": 800})
        page.goto(file.as_uri())
        page.evaluate("document.fonts.ready")
        whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        browser.close()
    return {
        script: trimmed(whole.crop((0, _ROW * at, _WIDE, _ROW * (at + 1))))
        for at, script in enumerate(names)
    }


def trimmed(image: Image.Image) -> Image.Image:
    """Return what is printed, without the paper around it."""
    box = image.point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    return image.crop(box)


def ours(name: str, language: str) -> Image.Image:
    """Return the name as the certificate has it, at the browser's size."""
    theme: dict[str, Any] = {
        "colours": {"ink": "#000000", "paper": "#ffffff"},
        "fonts": {"text": list(_FAMILIES)},
    }
    box = text(w=500, h=80, size=_POINTS)
    design = Source(layout(box, page={"width": 540, "height": 148}, theme=theme), {})
    pdf = draw(design, language or "en", recipient_name=name)
    return trimmed(raster(pdf, dots_per_mm=_SIZE / _POINTS * 72 / 25.4))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the ink that only one of two pictures has, as a share of all ink.

    Rasterisers round positions each in their own way: a pixel to any side is forgiven.
    """
    size = (max(one.width, other.width) + 4, max(one.height, other.height) + 4)
    shifts = [(x, y) for x in range(5) for y in range(5)]
    laid = _laid(one, size, (2, 2))
    return min(_share(laid, _laid(other, size, shift)) for shift in shifts)


def _laid(image: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    paper = Image.new("L", size, 255)
    paper.paste(image, at)
    return ImageChops.invert(paper).filter(ImageFilter.BoxBlur(2))


def _share(one: Image.Image, other: Image.Image) -> float:
    gap, ink = ImageChops.difference(one, other), ImageChops.lighter(one, other)
    weight = [sum(at * count for at, count in enumerate(each.histogram())) for each in (gap, ink)]
    return weight[0] / weight[1]


@pytest.mark.skipif(not CHROMIUM, reason="needs chromium")
class TestBrowser:
    @pytest.mark.parametrize("script", sorted(DRAWN - {"Zsye", "Hira"}))
    def test_shapes_and_draws_the_same(
        self, pictures: Mapping[str, Image.Image], script: str
    ) -> None:
        name, language, _ = one_of_each()[script]
        drawn = ours(name, language)
        assert abs(drawn.width - pictures[script].width) <= 3
        assert abs(drawn.height - pictures[script].height) <= 3
        assert difference(drawn, pictures[script]) < _TOLERANCE

    def test_would_see_another_name(self, pictures: Mapping[str, Image.Image]) -> None:
        name, language, _ = one_of_each()["Deva"]
        assert difference(ours(name[1:], language), pictures["Deva"]) > 2 * _TOLERANCE
