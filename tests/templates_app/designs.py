"""Designs for tests: one box on a page, and the starters with the sample branding."""

import io
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
from django.conf import settings
from PIL import Image

from templates_app import gallery
from templates_app.design import Source
from templates_app.images import reencode
from templates_app.rendering.drawing import Design, render_pdf

ISSUED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RST5"
VALUES = {
    "recipient_name": "Siân Cadwaladr",
    "course_title": "Data Analysis with Spreadsheets",
    "completed_on": "12 November 2026",
    "grade": "Merit",
    "issuer_name": "Harbourline Academy",
    "verify_url": f"https://certificates.example.org/verify/{CODE}",
}
BRANDING = Path(settings.ROOT) / "samples" / "branding"


# The demo tenants' own designs, and the one that comes in both directions.
STARTERS = ("harbourline", "alnahr", "harbourline-Meridian", "alnahr-Meridian")


@cache
def starter(slug: str) -> Source:
    """Return a demo tenant's starter, or as in "alnahr-Meridian" another, with its images."""
    slug, _, name = slug.partition("-")
    folder = BRANDING / slug
    facts = json.loads((folder / "tenant.json").read_text(encoding="utf-8"))
    names = ("logo", "seal", "signature-1", "signature-2")
    assets = {name: reencode((folder / f"{name}.png").read_bytes()).content for name in names}
    own = gallery.STARTERS[facts["direction"]][0]
    chosen = gallery.find(name, facts["direction"]) if name else own
    return Source(
        chosen.make(colours=facts["colours"], signers=facts["signers"], assets=assets), assets
    )


def layout(*boxes: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a plain A5 page with these boxes."""
    return {
        "page": {"width": 210, "height": 148},
        "theme": {
            "colours": {"ink": "#101010", "paper": "#ffffff", "primary": "#0b5c6b"},
            "fonts": {"text": ["EB Garamond", "Noto Serif", "Amiri"]},
        },
        "boxes": list(boxes),
        **members,
    }


def text(words: Any = "{{ recipient_name }}", **members: Any) -> dict[str, Any]:
    """Return a text box."""
    area = {"x": 20, "y": 40, "w": 170, "h": 20}
    style = {"size": 30, "min_size": 8, "font": "text"}
    return {"kind": "text", "text": words, **area, **style, **members}


def qr(**members: Any) -> dict[str, Any]:
    """Return a QR box."""
    return {"kind": "qr", "x": 20, "y": 100, "w": 30, "h": 30, **members}


def draw(source: Design, language: str = "en", **values: str) -> bytes:
    """Return the PDF of a design with the usual values and these."""
    return render_pdf(
        design=source,
        values=VALUES | values,
        attachments={"credential.jws": b"e30.e30.c2ln"},
        language=language,
        issued_at=ISSUED_AT,
    )


def text_of(pdf: bytes) -> str:
    """Return the text PDFium copies out of the page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: str = document[0].get_textpage().get_text_bounded()
    finally:
        document.close()
    return found


def raster(pdf: bytes, dots_per_mm: float = 4) -> Image.Image:
    """Return the page in greys."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[0].render(scale=dots_per_mm * 25.4 / 72).to_pil()
    finally:
        document.close()
    return image.convert("L")


def png(width: int = 40, height: int = 20, *, mode: str = "RGBA", colour: Any = "teal") -> bytes:
    """Return a picture."""
    output = io.BytesIO()
    Image.new(mode, (width, height), colour).save(output, "PNG")
    return output.getvalue()
