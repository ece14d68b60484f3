"""The two kinds of design behind one door: whoever asks for a certificate's files need not know."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from templates_app.design import Source
from templates_app.rendering import html_picture, pdf, picture
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.html_door import BadTemplate
from templates_app.rendering.html_page import HtmlSource, render_html
from templates_app.rendering.og import Card

Design = Source | HtmlSource


def render_pdf(
    *,
    design: Design,
    values: Mapping[str, str],
    attachments: Mapping[str, bytes],
    language: str,
    issued_at: datetime,
    recipient_language: str = "",
    paper: str = "",
) -> bytes:
    """Return the certificate as PDF. Raises CannotDraw or CannotLayOut."""
    if isinstance(design, HtmlSource):
        with _refusals():
            return render_html(
                source=design,
                values=values,
                attachments=attachments,
                language=language,
                issued_at=issued_at,
                recipient_language=recipient_language,
                paper=paper,
            )
    return pdf.render_pdf(
        design=design,
        values=values,
        attachments=attachments,
        language=language,
        issued_at=issued_at,
        recipient_language=recipient_language,
        paper=paper,
    )


def draw_pictures(
    *,
    design: Design,
    values: Mapping[str, str],
    language: str,
    card: Card,
    recipient_language: str,
    wanted: Collection[str],
) -> dict[str, bytes]:
    """Return the pictures wanted as PNG. Raises as `render_pdf` does."""
    if isinstance(design, HtmlSource):
        with _refusals():
            return html_picture.draw_html_pictures(
                source=design,
                values=values,
                language=language,
                card=card,
                recipient_language=recipient_language,
                wanted=wanted,
            )
    return picture.draw_pictures(
        design=design,
        values=values,
        language=language,
        card=card,
        recipient_language=recipient_language,
        wanted=wanted,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell a template that a condition makes unsound as a design that cannot be laid out."""
    try:
        yield
    except BadTemplate as error:
        raise CannotLayOut(str(error)) from error
