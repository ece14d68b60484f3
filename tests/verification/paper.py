"""Real certificates on paper, and what people and forgers make of them."""

import io
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pikepdf
import zxingcpp
from PIL import Image

from certificates import artifacts, files, keeping
from certificates.models import Certificate
from certificates.printing import printed_values
from templates_app.gallery import harbour
from templates_app.models import TemplateVersion
from tenants.colours import DEFAULTS
from tests.factories import rows
from tests.factories.registry import Registry

SIGNERS = [{"name": "Imogen Hartley", "title": "Principal"}]


def use_design(registry: Registry) -> None:
    """Let the registry issue on real paper."""
    layout = harbour(colours=DEFAULTS, signers=SIGNERS, assets=frozenset())
    published = TemplateVersion.State.PUBLISHED
    rows.make_version(
        registry.version.template, number=2, state=published, layout=layout, now=registry.now
    )


def print_out(registry: Registry, certificate: Certificate) -> None:
    """Make the certificate's files."""
    artifacts.render(certificate_ids=[certificate.pk], now=registry.now)


def issued_file(certificate: Certificate, name: str = "certificate.pdf") -> bytes:
    """Return a file as it was issued."""
    return files.find(certificate, name).content


def forged_print(registry: Registry, certificate: Certificate, **values: str) -> bytes:
    """Return a PDF drawn by our own renderer around the genuine credential, with other words."""
    made: list[bytes] = []
    true_values = printed_values(certificate)

    def keep_in_mind(content: bytes, *, digest: str, suffix: str) -> str:
        made.extend([content] if suffix == ".pdf" else [])
        return f"forged/{digest}{suffix}"

    with (
        patch.object(artifacts, "printed_values", lambda _: {**true_values, **values}),
        patch.object(keeping, "keep", keep_in_mind),
    ):
        artifacts.render(certificate_ids=[certificate.pk], now=registry.now, anew=True)
    certificate.artifacts.filter(path__startswith="forged/").delete()
    return made[0]


def rewritten(pdf: bytes, *, keeps_attachments: bool = True) -> bytes:
    """Return what another program would write of the same page."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        if not keeps_attachments:
            for name in list(document.attachments):
                del document.attachments[name]
        return _saved(document)


def overlaid(pdf: bytes, drawing: bytes) -> bytes:
    """Return the PDF with something drawn over its page, in points; a font is named /Over."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name("/Helvetica-Bold"),
        )
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name("/Over"))
        page.contents_add(document.make_stream(b"\nq %b Q" % drawing))
        return _saved(document)


def with_root(pdf: bytes, entries: Mapping[str, Any]) -> bytes:
    """Return the PDF with further entries in its catalogue."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for name, value in entries.items():
            document.Root[name] = value
        return _saved(document)


def bound(*pdfs: bytes) -> bytes:
    """Return one PDF of the pages of several, with the attachments of the first."""
    with pikepdf.open(io.BytesIO(pdfs[0])) as document:
        for each in pdfs[1:]:
            with pikepdf.open(io.BytesIO(each)) as other:
                document.pages.extend(other.pages)
        return _saved(document)


def locked(pdf: bytes) -> bytes:
    """Return the PDF behind a password."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        file = io.BytesIO()
        document.save(file, encryption=pikepdf.Encryption(user="secret", owner="secret"))
        return file.getvalue()


def letter(*lines: str) -> bytes:
    """Return a PDF with lines of text, as anybody might write one."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name("/Helvetica")
    )
    page.add_resource(font, pikepdf.Name.Font, pikepdf.Name("/F"))
    shown = b" T* ".join(b"(%b) Tj" % line.encode("latin-1") for line in lines)
    page.Contents = document.make_stream(b"BT /F 11 Tf 14 TL 60 760 Td %b ET" % shown)
    return _saved(document)


def photo_of(*texts: str, kind: str = "JPEG", size: int = 400) -> bytes:
    """Return a picture of QR codes side by side on a grey desk."""
    across = min(len(texts), 20)
    down = -(-len(texts) // across)
    desk = Image.new("L", (across * (size + 40) + 40, down * (size + 40) + 40), 205)
    for index, text in enumerate(texts):
        row, column = divmod(index, across)
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        image: Any = code.to_image(add_quiet_zones=True)
        pixels: Any = memoryview(image)
        picture = Image.frombytes("L", pixels.shape[::-1], pixels.tobytes())
        place = (40 + column * (size + 40), 40 + row * (size + 40))
        desk.paste(picture.resize((size, size), Image.Resampling.NEAREST), place)
    file = io.BytesIO()
    desk.save(file, kind)
    return file.getvalue()


def _saved(document: pikepdf.Pdf) -> bytes:
    file = io.BytesIO()
    document.save(file, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return file.getvalue()
