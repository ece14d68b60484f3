"""Sheets of every sample name as each starter design sets it, kept to be looked at and compared.

Make them anew after a change of fonts or shaping, and look at them:
python -m tests.templates_app.rendering.sheets
"""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image, ImageChops

from templates_app.design import Source
from templates_app.rendering.itemise import script_of
from tests.templates_app.designs import STARTERS, draw, raster, starter

KEPT = Path(__file__).parent / "reference"
SAMPLES = Path(settings.ROOT) / "samples" / "completions.csv"
DESIGNS = STARTERS
DOTS_PER_MM = 1.75
_ROWS = 40
_GREYS = 8
_TALLEST = 1000  # millimetres: a page is no larger
_SOFT, _SQUARE, _TOLERATED = 110, 24, 5


@cache
def samples() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the sample names with their languages: Latin, all others, one of each script."""
    with SAMPLES.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["recipient_name"]: row["language"] for row in csv.DictReader(file)}
    found: dict[str, list[tuple[str, str]]] = {"latin": [], "other": []}
    one: dict[str, tuple[str, str]] = {}
    for name, language in rows.items():
        scripts = {script_of(letter) for letter in name} - {""}
        found["latin" if scripts <= {"Latn"} else "other"].append((name, language))
        one.setdefault(min(scripts), (name, language))
    found["bold"] = list(one.values())
    return {
        kind: tuple(sorted(names, key=lambda each: (script_of(each[0][0]), each)))
        for kind, names in found.items()
    }


def sheet(slug: str, kind: str) -> Image.Image:
    """Return a sheet in a few greys: columns of name boxes, in the size of print."""
    field = "course_title" if kind == "bold" else "recipient_name"
    strips = list(_strips(slug, samples()[kind], field))
    columns = [strips[at : at + _ROWS] for at in range(0, len(strips), _ROWS)]
    width, height = strips[0].size
    image = Image.new("L", (width * len(columns), height * min(_ROWS, len(strips))), 255)
    for column, rows in enumerate(columns):
        for row, strip in enumerate(rows):
            image.paste(strip, (column * width, row * height))
    return image


def reduced(image: Image.Image) -> Image.Image:
    """Return an image in as few greys as it is kept in."""
    return image.quantize(_GREYS, dither=Image.Dither.NONE)


def changed(kept: Image.Image, made: Image.Image) -> list[tuple[int, int]]:
    """Return the corners of small squares of a sheet whose ink is not as it was.

    A pixel counts where it went from paper to ink or back, so that edges may soften.
    """
    difference = ImageChops.difference(kept.convert("L"), reduced(made).convert("L"))
    jumps = difference.point(lambda value: 255 * (value > _SOFT))
    return [
        (x, y)
        for y in range(0, jumps.height, _SQUARE)
        for x in range(0, jumps.width, _SQUARE)
        if jumps.crop((x, y, x + _SQUARE, y + _SQUARE)).histogram()[255] > _TOLERATED
    ]


def _strips(slug: str, names: Sequence[tuple[str, str]], field: str) -> Iterator[Image.Image]:
    together = min(_ROWS, int(_TALLEST // (_box(slug, field)["h"] + 1)))
    for language in dict.fromkeys(language for _, language in names):
        chosen = [name for name, own in names if own == language]
        for at in range(0, len(chosen), together):
            yield from _group(slug, chosen[at : at + together], language, field)


def _box(slug: str, field: str) -> dict[str, Any]:
    boxes: list[dict[str, Any]] = starter(slug).layout["boxes"]
    return next(each for each in boxes if each.get("text") == f"{{{{ {field} }}}}")


def _group(slug: str, names: Sequence[str], language: str, field: str) -> Iterator[Image.Image]:
    layout, box = starter(slug).layout, _box(slug, field)
    edge = 2
    tall, wide = box["h"] + 1, box["w"] + 2 * edge
    page: dict[str, Any] = {
        "page": {"width": wide, "height": max(50, tall * len(names))},
        "theme": layout["theme"],
        "boxes": [
            {**box, "text": f"{{{{ custom.n{row} }}}}", "x": edge, "y": row * tall}
            for row in range(len(names))
        ],
    }
    values = {f"custom.n{row}": name for row, name in enumerate(names)}
    image = raster(draw(Source(page, {}), language or "en", **values), DOTS_PER_MM)
    for row in range(len(names)):
        top = round(row * tall * DOTS_PER_MM)
        yield image.crop((0, top, image.width, top + round(tall * DOTS_PER_MM)))


def main() -> int:
    """Write the sheets."""
    KEPT.mkdir(exist_ok=True)
    for slug in DESIGNS:
        for kind in samples():
            path = KEPT / f"{slug}-{kind}.png"
            reduced(sheet(slug, kind)).save(path, optimize=True)
            sys.stdout.write(f"{path} {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
