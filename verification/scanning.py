"""Read the QR code in a photo or a picture: a stranger's, so it is opened in the sandbox."""

import io
import warnings
from pathlib import Path
from typing import Any

from sandbox.running import Failed, Stopped, run

PRELOAD = ("PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "zxingcpp")
_MOST_PIXELS = 64_000_000  # more than phones take; a byte each
_FILE = "photo"


class NotScanned(ValueError):
    """A picture without one code that can be read, with what to do about it."""


def scan(picture: bytes) -> str:
    """Return what the one QR code in a PNG or JPEG says. Raises NotScanned."""
    try:
        facts, _ = run("verification.scanning:codes", {}, files={_FILE: picture})
    except (Stopped, Failed) as error:
        raise NotScanned(f"The picture cannot be read: {error}.") from error
    if len(facts) > 1:
        raise NotScanned(f"The picture shows {len(facts)} QR codes. Photograph one alone.")
    if not facts:
        raise NotScanned(
            "The picture carries no credential, shows no QR code that can be read, and is none "
            "that was made here. Photograph the code from nearer, or type what stands beside it."
        )
    return str(facts[0])


def codes(request: dict[str, Any], folder: Path) -> tuple[list[str], bytes]:  # noqa: ARG001 - the sandbox's form
    """Serve a picture inside the sandbox: what its QR codes say, each once."""
    import zxingcpp  # noqa: PLC0415 - in the child alone
    from PIL import Image  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        content = io.BytesIO((folder / _FILE).read_bytes())
        with Image.open(content, formats=["PNG", "JPEG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise ValueError(f"more than {_MOST_PIXELS:,} pixels")
            grey = opened.convert("L")
    read = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return list(dict.fromkeys(each.text for each in read)), b""
