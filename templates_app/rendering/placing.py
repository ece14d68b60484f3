"""xhtml2pdf's only door: HTML and a folder of images to a laid-out PDF."""

import io
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from sandbox.running import run

PRELOAD = ("xhtml2pdf.pisa", "reportlab.graphics.barcode", "PIL.PngImagePlugin")
_SECONDS = 8
# CVE-2023-33733 is harmless only while colours are read by this parser, and nothing is fetched
# only while no host is trusted.
_REQUIRED = {"toColorCanUse": "rl_extended_literal_eval", "trustedHosts": None}


def lay_out(html: str, *, folder: Path) -> bytes:
    """Return the PDF of a page that may use the files in `folder` and nothing else.

    Raises whatever the libraries of layout raise, and RuntimeError where they are set unsafely
    or give up without an error.
    """
    # A third of a second and 40 MB, which only the child that lays out needs.
    from reportlab import rl_config  # noqa: PLC0415
    from xhtml2pdf import pisa  # noqa: PLC0415
    from xhtml2pdf.config.resources import ResourceAccessPolicy  # noqa: PLC0415

    wrong = [name for name, value in _REQUIRED.items() if getattr(rl_config, name) != value]
    if wrong:
        raise RuntimeError(f"reportlab is configured unsafely: {', '.join(wrong)}")
    output = io.BytesIO()
    status = pisa.CreatePDF(
        html,
        dest=output,
        path=str(folder / "design.html"),
        resource_policy=ResourceAccessPolicy.server(
            base_dir=folder, allow_remote=False, max_render_seconds=_SECONDS
        ),
    )
    if status.err:
        raise RuntimeError("the page could not be laid out")
    return output.getvalue()


def lay_out_page(request: dict[str, str], folder: Path) -> tuple[None, bytes]:
    """Serve `place` inside a sandbox."""
    return None, lay_out(request["html"], folder=folder)


def place(html: str, files: Mapping[str, bytes]) -> bytes:
    """Return the PDF of a page that uses these files, laid out in a child process.

    Raises sandbox.running.Failed or Stopped.
    """
    _, content = run(f"{__name__}:lay_out_page", {"html": html}, files=files)
    return content


def lay_out_pages(request: dict[str, list[str]], folder: Path) -> tuple[list[int], bytes]:
    """Serve `place_all` inside a sandbox."""
    made = [lay_out(html, folder=folder) for html in request["pages"]]
    return [len(each) for each in made], b"".join(made)


def place_all(pages: Sequence[str], files: Mapping[str, bytes]) -> list[bytes]:
    """Return the PDFs of several pages that use the same files, as `place` does."""
    lengths, content = run(f"{__name__}:lay_out_pages", {"pages": list(pages)}, files=files)
    ends = list(accumulate(lengths))
    return [content[end - length : end] for end, length in zip(ends, lengths, strict=True)]
