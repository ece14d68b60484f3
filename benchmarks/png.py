"""A certificate as PNG, 1600 pixels: the plate and its bands against the whole PDF.

Two sides in one run, in CPU time, each certificate with a name of its own:
- ours: from the placed words and the code to the PNG, only what differs drawn and deflated;
- the common way: the finished PDF, rasterised whole by PDFium, as RGB PNG of level 6.

Both pictures are decoded and compared before anything is timed.

Run: python benchmarks/png.py
"""

import io
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import zxingcpp  # noqa: E402 - the path comes first
from PIL import Image, ImageChops, ImageStat  # noqa: E402

from templates_app.rendering import picture, plate  # noqa: E402
from templates_app.rendering.fonts import font_set  # noqa: E402
from templates_app.rendering.png import Ground, Piece, put_ink, rasterise  # noqa: E402
from templates_app.rendering.variable import Variable, variable_layer  # noqa: E402
from tests.templates_app.designs import CODE, VALUES, draw, starter  # noqa: E402

ROUNDS, EACH = 12, 4
TIMES, BYTES = 12, 150_000
WIDTH = 1600
T = TypeVar("T")


def values_of(number: int) -> dict[str, str]:
    """Return the values of one certificate; nobody else has them."""
    return VALUES | {
        "recipient_name": f"Títílayọ̀ Ọdúnsì {number}",
        "verify_code": CODE,
        "verify_url": f"{VALUES['verify_url'][:-4]}{number:04}",
    }


def layer_of(slug: str, number: int) -> Variable:
    """Return the placed words of one certificate, which the PDF has been made of too."""
    return variable_layer(
        design=starter(slug), values=values_of(number), language="en", recipient_language="",
        fonts=font_set(),
    )  # fmt: skip


def ours(slug: str, variable: Variable) -> bytes:
    """Return the PNG as the product makes it."""
    prepared = picture.page_plate(starter(slug), variable.wording, font_set(), WIDTH)
    return plate.print_on([prepared], variable, texts={"Title": variable.title})[0]


def common(pdf: bytes) -> bytes:
    """Return the PNG of a whole PDF."""
    output = io.BytesIO()
    rasterise(pdf, WIDTH).convert("RGB").save(output, "PNG", compress_level=6)
    return output.getvalue()


def check(slug: str) -> tuple[int, int]:
    """Refuse to time what is not equal; return the bytes of both."""
    pdf = draw(starter(slug), **values_of(0))
    content, other = ours(slug, layer_of(slug, 0)), common(pdf)
    shown = Image.open(io.BytesIO(content))
    ground = Ground(Image.new("RGB", shown.size), [Piece(0, 0, 0, *shown.size)], shown.size)
    difference = ImageChops.difference(shown.convert("RGB"), put_ink(pdf, [ground])[0])
    if max(ImageStat.Stat(difference).mean) > 2:
        raise SystemExit(f"{slug}: the pictures differ")
    (code,) = zxingcpp.read_barcodes(shown.convert("L"))
    if code.text != values_of(0)["verify_url"]:
        raise SystemExit(f"{slug}: the code says something else")
    return len(content), len(other)


def spent(call: Callable[[T], object], certificates: Sequence[T]) -> float:
    """Return CPU seconds of one certificate."""
    started = time.process_time()
    for certificate in certificates:
        call(certificate)
    return (time.process_time() - started) / len(certificates)


def main() -> None:
    """Run both sides in turn and print medians, ratio, bytes and verdict."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("pypdfium2", "pillow", "isal"))
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores, "
          f"{ROUNDS} rounds, medians of CPU time")  # fmt: skip
    passed = True
    for slug in ("harbourline", "alnahr"):
        size, other = check(slug)
        quick, slow = [], []
        for turn in range(ROUNDS):
            first = 1 + turn * EACH
            numbers = range(first, first + EACH)
            quick.append(spent(partial(ours, slug), [layer_of(slug, each) for each in numbers]))
            slow.append(spent(common, [draw(starter(slug), **values_of(each)) for each in numbers]))
        a, b = statistics.median(quick), statistics.median(slow)
        passed &= b / a >= TIMES and size <= BYTES
        print(f"{slug:<12} {a * 1e3:6.1f} ms, {size / 1e3:5.0f} kB   whole PDF {b * 1e3:6.1f} ms, "
              f"{other / 1e3:5.0f} kB   {b / a:5.1f} times less (at least {TIMES}), "
              f"at most {BYTES / 1e3:.0f} kB")  # fmt: skip
    print("PASS" if passed else "FAIL")
    if not passed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
