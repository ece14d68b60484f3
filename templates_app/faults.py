"""What keeps a design from being published, a layout or HTML, and how HTML will be drawn."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from templates_app.design_lint import Problem, lint
from templates_app.rendering import html_door
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.drawing import Design
from templates_app.rendering.fonts import fonts_for
from templates_app.rendering.html_door import BadTemplate
from templates_app.rendering.html_page import HtmlSource, render_html, why_not_compiled
from templates_app.rendering.html_picture import page_size
from templates_app.rendering.html_slots import QR_IMAGE
from templates_app.rendering.text import CannotDraw
from templates_app.samples import SAMPLES

_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
# No grade; too long; two other directions and scripts.
_FURTHER = ("short", "long", "arabic", "japanese")
_THEN = "Correct this line."


def faults_in(design: Design) -> list[Problem]:
    """Return everything that keeps a design from being published, each fault with its remedy."""
    if not isinstance(design, HtmlSource):
        return lint(design, fonts_for(design.fonts))
    try:
        html_door.check(design.template, assets=dict(design.images))
    except BadTemplate as error:
        return [Problem(f"line {error.line}" if error.line else "/", error.reason, _THEN)]
    problems = []
    if "recipient_name" not in html_door.fields_of(design.template):
        problems.append(Problem("/", "nobody’s name is on it", "Add {{ recipient_name }}."))
    if not QR_IMAGE.search(design.template):
        problems.append(Problem("/", "nobody can check it", 'Add <img data-field="qr">.'))
    if problems:
        return problems
    found = verdict_on(design)
    return [Problem("/", found["fault"], "Correct the template.")] if "fault" in found else []


@lru_cache(maxsize=32)
def verdict_on(design: HtmlSource) -> dict[str, Any]:
    """Return how a template that passed the door is drawn, proved in the sandbox with samples.

    `compiled` or else `why` not; `milliseconds` that a certificate took here just now; `held` lists
    samples whose files would be held back, with the reason; `page` is its size. Or its `fault`,
    for which it cannot be drawn at all. Raises CannotLayOut where another try may end otherwise.
    """
    try:
        return _tried(design)
    except (BadTemplate, CannotDraw) as error:
        return {"fault": str(error)}
    except CannotLayOut as error:
        if not error.is_final:
            raise
        return {"fault": str(error)}


def _tried(design: HtmlSource) -> dict[str, Any]:
    usual = SAMPLES["usual"].values
    page = page_size(_draw(design, usual, "en"))  # what is made once is not counted
    started = time.perf_counter()
    # One name further: nothing of it is kept from before.
    _draw(design, usual | {"recipient_name": "Zoë Ólafsdóttir"}, "en")
    took = time.perf_counter() - started
    why, held = why_not_compiled(design, usual), []
    for name in _FURTHER:
        sample = SAMPLES[name]
        try:
            _draw(design, sample.values, sample.language)
        except CannotDraw as error:
            held.append(f"{name}: {error.reason}")
    return {
        "compiled": not why,
        "why": why,
        "milliseconds": round(1000 * took),
        "held": held,
        "page": dict(zip(("width", "height"), page, strict=True)),
    }


def _draw(design: HtmlSource, values: dict[str, str], language: str) -> bytes:
    return render_html(
        source=design, values=values, attachments={}, language=language, issued_at=_ANY_DAY
    )
