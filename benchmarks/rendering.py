"""Certificates rendered by two worker processes: PDF, PNG and badge, cold start included.

Half of them in each of two designs, every one with a name and a code of its own. No database:
what is measured is drawing, hashing and baking. Prints certificates per second, CPU time and
the peak memory of a worker.

Run: python benchmarks/rendering.py [certificates, 300 unless told]
"""

import hashlib
import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
PER_SECOND, MEGABYTES = 150, 400
DESIGNS = ("harbourline", "alnahr")
JWS = "e30." + "A" * 1_100 + ".c2ln"
NAMES = ("Siân Cadwaladr", "Títílayọ̀ Ọdúnsì", "فاطمة الزهراء النجار", "Nguyễn Thị Bích Ngọc")


def names() -> Iterator[tuple[int, str]]:
    """Yield a number and a name, each one once."""
    number = 0
    while True:
        for name in NAMES:
            yield number, f"{name} {number}"
            number += 1


def work(worker: int, count: int) -> tuple[float, float, float, int]:
    """Render a worker's share.

    Returns CPU seconds, those until each design was drawn once, the most megabytes, and bytes.
    """
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    from certificates.credential.baking import bake  # noqa: PLC0415 - the cold start counts
    from templates_app.rendering.badge import draw_badge  # noqa: PLC0415
    from templates_app.rendering.og import Card  # noqa: PLC0415
    from templates_app.rendering.pdf import render_pdf  # noqa: PLC0415
    from templates_app.rendering.picture import draw_pictures  # noqa: PLC0415
    from tests.templates_app.designs import (  # noqa: PLC0415
        BRANDING,
        CODE,
        ISSUED_AT,
        VALUES,
        starter,
    )

    colours = json.loads((BRANDING / "harbourline" / "tenant.json").read_text())["colours"]
    mark = (BRANDING / "harbourline" / "logo-mark.png").read_bytes()
    card = Card("Harbourline Academy", "certificates.example.org", ())
    made, cold = 0, 0.0
    for number, name in islice(names(), count):
        values = VALUES | {
            "recipient_name": name,
            "verify_code": CODE,
            "verify_url": f"{VALUES['verify_url'][:-6]}{worker}{number:05}",
        }
        design = starter(DESIGNS[number % len(DESIGNS)])
        files = [
            bake(draw_badge(title=VALUES["course_title"], colours=colours, mark=mark), JWS),
            render_pdf(
                design=design,
                values=values,
                attachments={"credential.jws": JWS.encode()},
                language="en",
                issued_at=ISSUED_AT,
            ),
            *draw_pictures(
                design=design, values=values, language="en", card=card, wanted=("png",)
            ).values(),
        ]
        for file in files:
            hashlib.sha256(file).digest()
            made += len(file)
        if number < len(DESIGNS):  # so many of NAMES each
            cold = time.process_time()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, cold, used.ru_maxrss / 1024, made


def main() -> None:
    """Start two fresh processes, let each render its share, and print what it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    shares = [(worker, count // WORKERS) for worker in range(WORKERS)]
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        spent = pool.starmap(work, shares, chunksize=1)
    seconds = time.monotonic() - started
    done = sum(share for _, share in shares)
    cpu, cold, _, made = (sum(column) for column in zip(*spent, strict=True))
    peak = max(megabytes for _, _, megabytes, _ in spent)
    warm = (cpu - cold) / (done - WORKERS * len(DESIGNS) * len(NAMES))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {done} certificates, "
          f"{WORKERS} fresh workers, PDF + PNG + badge")  # fmt: skip
    print(f"certificates a second  {done / seconds:7.1f} (aim {PER_SECOND}, of 10,000)")
    print(
        f"with both cores free   {WORKERS / (cold / 10_000 + warm):7.1f}, by the CPU time of 10,000"
    )
    print(f"CPU of a cold start    {cold / WORKERS:7.1f} s a worker, {len(DESIGNS)} designs")
    print(f"CPU of a certificate   {warm * 1e3:7.1f} ms after that")
    print(f"bytes of a certificate {made / done / 1e3:7.0f} kB")
    print(f"peak of a worker       {peak:7.0f} MB (less than {MEGABYTES})")
    passed = done / seconds >= PER_SECOND and peak < MEGABYTES
    print("PASS" if passed else "FAIL")
    if not passed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
