"""The QR code of a verify link, best mask, level M: ours, read back, against segno.

Two sides in one run, in CPU time, every link another. Both codes are decoded before anything
is timed. That ours is read back each time before it is used is timed apart.

Run: python benchmarks/qr.py
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import segno  # noqa: E402 - the path comes first
import zxingcpp  # noqa: E402
from PIL import Image  # noqa: E402

from templates_app.rendering import qr  # noqa: E402

ROUNDS, EACH = 12, 20
TIMES = 15


def link(number: int) -> str:
    """Return a verify link of 53 characters, as short origins have it."""
    return f"https://a.example/v/0123-4567-89AB-CDEF-GHJK-MN{number:06}"


def baseline(content: str) -> tuple[bytes, ...]:
    """Return segno's code, its mask chosen from all eight."""
    code = segno.make(content, error="m", boost_error=False, micro=False)
    return tuple(bytes(0 if dark else 255 for dark in row) for row in code.matrix)


def check(make: Callable[[str], tuple[bytes, ...]]) -> None:
    """Refuse to time a code that says something else."""
    rows = make(link(0))
    side = len(rows)
    printed = Image.new("L", (side + 8, side + 8), 255)
    printed.paste(Image.frombytes("L", (side, side), b"".join(rows)), (4, 4))
    (read,) = zxingcpp.read_barcodes(printed.resize((600, 600), Image.Resampling.NEAREST))
    if (read.text, read.ec_level) != (link(0), "M"):
        raise SystemExit("a code says something else")


def matrix(content: str) -> tuple[bytes, ...]:
    """Return our code."""
    return qr.rows(qr.make(content))


def spent(make: Callable[[str], object], first: int) -> float:
    """Return CPU seconds of one code."""
    links = [link(number) for number in range(first, first + EACH)]
    started = time.process_time()
    for content in links:
        make(content)
    return (time.process_time() - started) / EACH


def main() -> None:
    """Run both sides in turn and print medians, ratio and verdict."""
    check(matrix)
    check(baseline)
    quick, whole, slow = [], [], []
    for turn in range(1, ROUNDS + 1):
        quick.append(spent(matrix, turn * EACH))
        whole.append(spent(qr.modules, turn * EACH))
        slow.append(spent(baseline, turn * EACH))
    a, checked, b = (statistics.median(each) for each in (quick, whole, slow))
    versions = ", ".join(f"{name} {version(name)}" for name in ("zxing-cpp", "segno"))
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores, "
          f"{ROUNDS} rounds, medians of CPU time")  # fmt: skip
    print(f"ours             {a * 1e3:6.3f} ms, read back {checked * 1e3:.3f} ms")
    print(f"segno            {b * 1e3:6.3f} ms")
    print(f"ratio            {b / a:6.1f} times less CPU (at least {TIMES})")
    passed = b / a >= TIMES
    print("PASS" if passed else "FAIL")
    if not passed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
