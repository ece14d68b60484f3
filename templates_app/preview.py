"""Show what a version looks like with a sample recipient; makes no rows."""

from datetime import UTC, datetime

from templates_app.layout import BadLayout
from templates_app.models import TemplateVersion
from templates_app.queries import source_of
from templates_app.rendering.drawing import render_pdf
from templates_app.rendering.png import render_png
from templates_app.rendering.still import CannotLayOut
from templates_app.rendering.text import CannotDraw
from templates_app.samples import SAMPLES, Sample

_ISSUED_AT = datetime(2026, 11, 13, tzinfo=UTC)  # the date the samples speak of


class CannotPreview(Exception):
    """A draft that cannot be shown, with the reason for its designer."""


def preview_png(version: TemplateVersion, sample: str = "usual", *, width: int = 1200) -> bytes:
    """Return a PNG of the real render.

    Raises KeyError for an unknown sample, CannotPreview for a design with faults.
    """
    chosen = SAMPLES[sample]
    try:
        return _render(version, chosen, width)
    except (BadLayout, CannotDraw, CannotLayOut) as error:
        raise CannotPreview(str(error)) from error


def _render(version: TemplateVersion, chosen: Sample, width: int) -> bytes:
    pdf = render_pdf(
        design=source_of(version),
        values=chosen.values | {"issuer_name": version.tenant.name},
        attachments={},
        language=chosen.language,
        issued_at=_ISSUED_AT,
    )
    return render_png(pdf=pdf, width=width)
