"""One certificate as PDF: compiled, against xhtml2pdf as it is and against a warm typst compiler.

All sides set the same words in the same fonts over the same images, with a QR code from the same
source: full-page art, logo, signature, two weights. What each made is read back before anything
is timed. Needs `pip install --require-hashes --no-deps -r requirements-bench.txt` for typst.

Run: python benchmarks/pdf.py [ROUNDS]
"""

import io
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import pypdfium2  # noqa: E402 - the path comes first
import zxingcpp  # noqa: E402

from templates_app.design import Source  # noqa: E402
from templates_app.images import reencode  # noqa: E402
from templates_app.rendering.pdf import render_pdf  # noqa: E402

typst: Any = import_module("typst") if find_spec("typst") else None

ROUNDS = 10
MANY, FEW = 40, 4  # certificates a round, of the quick sides and of the slow one
AIM_STOCK, AIM_TYPST = 50, 0.5
NOW = datetime(2026, 11, 22, tzinfo=UTC)
BRANDING = ROOT / "samples" / "branding" / "harbourline"
FONTS = ROOT / "fonts" / "noto-sans"
REGULAR, BOLD = FONTS / "NotoSans_400Regular.ttf", FONTS / "NotoSans_700Bold.ttf"
NAMES = ["Siân Cadwaladr", "Griffin Stuffield", "Zoë Çelik", "Ada Lovelace", "Nguyễn Thị Bích Ngọc"]
_NAMED = {400: "normal", 700: "bold"}
Values = dict[str, str]
Way = Callable[[Values], bytes]

# Boxes in millimetres: field, y, size in points, weight; all centred on an A4 page.
LINES = [
    ("recipient_name", 78, 30, 700),
    ("course_title", 104, 18, 400),
    ("completed_on", 122, 12, 400),
    ("grade", 131, 12, 400),
    ("signatory_name", 178, 10, 400),
]
LOGO, HAND, CODE = (108.5, 20, 80, 21), (121, 152, 55, 13.2), (246, 160, 28, 28)
INK, ART = "#12303b", (0, 0, 297, 210)


def certificates() -> Iterator[Values]:
    """Yield certificates without end, no two alike."""
    number = 0
    while True:
        code = f"{number:04d}-4567-89AB-CDEF-GHJK-MNPQ-RST5"
        yield {
            "recipient_name": f"{NAMES[number % len(NAMES)]} {'IVXLC'[number % 7 % 5]}",
            "course_title": "Data Analysis with Spreadsheets",
            "completed_on": "12 November 2026",
            "grade": "Distinction",
            "signatory_name": "Imogen Hartley",
            "verify_url": f"https://example.org/v/{code}",
        }
        number += 1


def pictures() -> dict[str, bytes]:
    """Return the images every side is given."""
    files = {"background": "background", "logo": "logo", "signature": "signature-1"}
    return {
        name: reencode((BRANDING / f"{file}.png").read_bytes(), trim=name != "background").content
        for name, file in files.items()
    }


def compiled(images: dict[str, bytes]) -> Way:
    """Return the house's own way."""

    def area(x: float, y: float, w: float, h: float) -> dict[str, float]:
        return {"x": x, "y": y, "w": w, "h": h}

    boxes: list[dict[str, Any]] = [
        {"kind": "image", "asset": "background", **area(*ART)},
        {"kind": "image", "asset": "logo", **area(*LOGO)},
        {"kind": "image", "asset": "signature", **area(*HAND)},
        *(
            {
                "kind": "text", "text": f"{{{{ {field} }}}}", **area(30, y, 237, size * 0.6),
                "font": "text", "size": size, "min_size": 6, "weight": weight, "align": "centre",
            }
            for field, y, size, weight in LINES
        ),
        {"kind": "qr", **area(*CODE)},
    ]  # fmt: skip
    theme = {"colours": {"ink": INK}, "fonts": {"text": ["Noto Sans"]}}
    page = {"width": 297, "height": 210}
    source = Source({"page": page, "theme": theme, "boxes": boxes}, images)

    def make(values: Values) -> bytes:
        return render_pdf(
            design=source, values=values, attachments={}, language="en", issued_at=NOW
        )

    return make


def stock(folder: Path) -> Way:
    """Return xhtml2pdf as anybody would call it."""
    from xhtml2pdf import pisa  # noqa: PLC0415 - loaded for this side alone
    from xhtml2pdf.config.resources import ResourceAccessPolicy  # noqa: PLC0415

    def box(x: float, y: float, w: float, h: float, *, content: str) -> str:
        place = f"position:absolute;left:{x}mm;top:{y}mm;width:{w}mm;height:{h}mm"
        return f'<div style="{place}">{content}</div>'

    def picture(name: str, w: float, h: float) -> str:
        return f'<img src="{name}.png" style="width:{w}mm;height:{h}mm">'

    faces = "".join(
        f"@font-face{{font-family:Noto;font-weight:{weight};src:url({file.name})}}"
        for weight, file in (("normal", REGULAR), ("bold", BOLD))
    )
    page = (
        "@page{size:297mm 210mm;margin:0;background-image:url(background.png);"
        f"background-width:297mm;background-height:210mm}} body{{margin:0;color:{INK}}}"
    )

    def make(values: Values) -> bytes:
        (folder / "qr.png").write_bytes(code_png(values["verify_url"]))
        lines = "".join(
            box(
                *(30, y, 237, size * 0.6),
                content='<p style="margin:0;text-align:center;'
                f'font:{_NAMED[weight]} {size}pt Noto">{values[field]}</p>',
            )
            for field, y, size, weight in LINES
        )
        images = "".join(
            box(*area, content=picture(name, *area[2:]))
            for name, area in (("logo", LOGO), ("signature", HAND), ("qr", CODE))
        )
        output = io.BytesIO()
        pisa.CreatePDF(
            f"<html><head><title>{values['course_title']}</title>"
            f"<style>{faces}{page}</style></head><body>{images}{lines}</body></html>",
            dest=output,
            path=str(folder / "certificate.html"),
            resource_policy=ResourceAccessPolicy.server(base_dir=folder, allow_remote=False),
        )
        return output.getvalue()

    return make


def typeset(folder: Path) -> Way | None:
    """Return a warm typst compiler, or None where it is not installed."""
    if typst is None:
        return None
    lines = "".join(
        f"#place(top+center,dy:{y}mm,text(size:{size}pt,weight:{weight},sys.inputs.{field}))\n"
        for field, y, size, weight in LINES
    )
    images = "".join(
        f'#place(dx:{x}mm,dy:{y}mm,image("{name}.png",width:{w}mm,height:{h}mm))\n'
        for name, (x, y, w, h) in (("logo", LOGO), ("signature", HAND))
    )
    x, y, w, _ = CODE
    (folder / "certificate.typ").write_text(
        "#set document(title: sys.inputs.recipient_name)\n"
        '#set page(width:297mm,height:210mm,margin:0mm,background:image("background.png"))\n'
        f'#set text(font:"Noto Sans",fill:rgb("{INK}"),lang:"en")\n{images}{lines}'
        f'#place(dx:{x}mm,dy:{y}mm,image(bytes(sys.inputs.qr),format:"svg",width:{w}mm))\n'
    )
    compiler = typst.Compiler(
        str(folder / "certificate.typ"),
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
    )

    def make(values: Values) -> bytes:
        barcode = zxingcpp.create_barcode(
            values["verify_url"], zxingcpp.BarcodeFormat.QRCode, ec_level="M"
        )
        inputs = values | {"qr": barcode.to_svg(add_quiet_zones=True)}
        result: bytes = compiler.compile(format="pdf", sys_inputs=inputs)
        return result

    return make


def code_png(content: str) -> bytes:
    """Return a QR code as PNG, quiet zone included."""
    from PIL import Image  # noqa: PLC0415 - stock alone needs it

    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    output = io.BytesIO()
    Image.fromarray(code.to_image(scale=8, add_quiet_zones=True)).save(output, "PNG")
    return output.getvalue()


def check(name: str, pdf: bytes, values: Values) -> None:
    """Read the words and the code back, or end the run."""
    document = pypdfium2.PdfDocument(pdf)
    found = document[0].get_textpage().get_text_bounded()
    image = document[0].render(scale=200 / 72).to_pil().convert("L")
    pages = len(document)
    document.close()
    missing = [field for field, *_ in LINES if values[field] not in found]
    codes = [code.text for code in zxingcpp.read_barcodes(image)]
    if pages != 1 or missing or codes != [values["verify_url"]]:
        raise SystemExit(f"{name}: {pages} pages, without {missing}, codes {codes}")


def spent(make: Way, certificates: list[Values]) -> float:
    """Return CPU seconds a certificate."""
    started = time.process_time()
    for values in certificates:
        make(values)
    return (time.process_time() - started) / len(certificates)


def main(rounds: int) -> int:
    """Run the sides in turn and print medians, ratios and verdicts."""
    supply = certificates()
    images = pictures()
    with tempfile.TemporaryDirectory(prefix="bench-pdf-") as directory:
        folder = Path(directory)
        for name, content in images.items():
            (folder / f"{name}.png").write_bytes(content)
        for file in (REGULAR, BOLD):
            (folder / file.name).write_bytes(file.read_bytes())
        ways: dict[str, Way | None] = {
            "compiled": compiled(images),
            "xhtml2pdf": stock(folder),
            "typst": typeset(folder),
        }
        sides = {name: way for name, way in ways.items() if way is not None}
        sizes = {}
        for name, way in sides.items():
            for values in (next(supply) for _ in range(3)):
                made = way(values)
                check(name, made, values)
                sizes[name] = len(made)
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, way in sides.items():
                batch = [next(supply) for _ in range(FEW if name == "xhtml2pdf" else MANY)]
                times[name].append(spent(way, batch))
    versions = ", ".join(
        f"{each} {version(each)}"
        for each in ("xhtml2pdf", "reportlab", *(["typst"] if typst else []))
    )
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores, "
          f"{rounds} rounds in turn, medians of CPU time")  # fmt: skip
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, seconds in medians.items():
        print(f"{name:<12}{seconds * 1e3:9.2f} ms a certificate{sizes[name] / 1000:9.0f} KB")
    ours = medians["compiled"]
    ratio = medians["xhtml2pdf"] / ours
    passed = ratio >= AIM_STOCK
    verdict = "PASS" if passed else "FAIL"
    print(f"against xhtml2pdf  {ratio:6.1f} times less CPU (aim {AIM_STOCK})  {verdict}")
    if "typst" in medians:
        share = ours / medians["typst"]
        verdict = "PASS" if share <= AIM_TYPST else "FAIL"
        passed = passed and share <= AIM_TYPST
        print(f"against typst      {share:6.2f} of its CPU (aim {AIM_TYPST})  {verdict}")
    else:
        print("against typst      not run: it is not installed")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
