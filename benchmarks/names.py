"""Render every distinct name of the sample completions; count drawn and held back by script.

Run: python benchmarks/names.py [FILE.csv]
"""

import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import bidirectional, normalize

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from templates_app import gallery  # noqa: E402 - the path comes first
from templates_app.design import Source  # noqa: E402
from templates_app.images import reencode  # noqa: E402
from templates_app.rendering.itemise import script_of  # noqa: E402
from templates_app.rendering.pdf import render_pdf  # noqa: E402
from templates_app.rendering.png import render_png  # noqa: E402
from templates_app.rendering.text import CannotDraw  # noqa: E402

SAMPLES = ROOT / "samples"
DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def source_of(slug: str) -> Source:
    """Return a demo tenant's design with its images."""
    folder = SAMPLES / "branding" / slug
    facts = json.loads((folder / "tenant.json").read_text())
    starter = gallery.STARTERS[facts["direction"]][0]
    names = ("logo", "seal", "signature-1", "signature-2")
    assets = {name: reencode((folder / f"{name}.png").read_bytes()).content for name in names}
    layout = starter.make(colours=facts["colours"], signers=facts["signers"], assets=assets)
    return Source(layout, assets)


def render(row: dict[str, str], source: Source) -> bytes:
    """Return one row's certificate as PDF, having made its PNG too."""
    pdf = render_pdf(
        design=source,
        values={
            "recipient_name": row["recipient_name"],
            "course_title": row["course_title"],
            "completed_on": row["completed_at"][:10],
            "grade": row["grade"],
            "verify_url": "http://localhost:8000/verify/0123-4567-89AB-CDEF-GHJK-MNPQ-RST5",
        },
        attachments={},
        language="en",
        recipient_language=row["language"],
        issued_at=NOW,
    )
    render_png(pdf=pdf)
    return pdf


def copied_out(pdf: bytes) -> str:
    """Return the text a reader would copy out of the file."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        command = ["pdftotext", "-layout", file.name, "-"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _bare(text: str) -> str:
    """Return text without what a reader adds to show direction, nor the break of a long name."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in DIRECTION)


def _directions(text: str) -> set[bool]:
    """Return which ways a text runs: right to left, left to right (digits too), or both."""
    kinds = {bidirectional(letter) for letter in text} & {"L", "R", "AL", "EN"}
    return {kind in {"R", "AL"} for kind in kinds}


def main() -> int:
    """Print the counts; fail where a drawn name cannot be copied out as it was put in."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES / "completions.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["recipient_name"]: row for row in csv.DictReader(file)}
    with (SAMPLES / "courses.csv").open(encoding="utf-8", newline="") as file:
        tenants = {row["course_version_id"]: row["tenant"] for row in csv.DictReader(file)}
    sources = {slug: source_of(slug) for slug in sorted(set(tenants.values()))}
    drawn, held, reasons = Counter[str](), Counter[str](), Counter[str]()
    pdfs = {}
    cpu = time.process_time()
    for name, row in rows.items():
        script = "+".join(sorted({script_of(letter) for letter in name} - {""})) or "common"
        try:
            pdfs[name] = render(row, sources[tenants[row["course_version_id"]]])
            drawn[script] += 1
        except CannotDraw as error:
            held[script] += 1
            reasons[error.reason] += 1
    cpu = time.process_time() - cpu
    print(f"names {len(rows)}  drawn {sum(drawn.values())}  held {sum(held.values())}")
    for script in sorted(drawn | held):
        print(f"  {script:<12} drawn {drawn[script]:>3}  held {held[script]:>3}")
    for reason, count in reasons.most_common():
        print(f"  held {count:>3}: {reason}")
    print(f"PDF and PNG: {1000 * cpu / max(1, len(pdfs)):.0f} ms CPU each")
    if shutil.which("pdftotext") is None:
        print("copying out not tried: pdftotext is not installed")
        return 0
    lost = [
        name
        for name, pdf in pdfs.items()
        if _bare(normalize("NFC", name)) not in _bare(copied_out(pdf))
    ]
    print(f"copied out as put in: {len(pdfs) - len(lost)} of {len(pdfs)}", *lost, sep="\n  not: ")
    # Readers order words of two directions by their own lights; everything else must come out.
    return 1 if any(len(_directions(name)) == 1 for name in lost) else 0


if __name__ == "__main__":
    sys.exit(main())
