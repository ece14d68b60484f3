"""Publish a design: linted, frozen with the images it names, never changed afterwards."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.db import transaction

from observability import audit
from observability.events import Event, emit
from templates_app.design import Image
from templates_app.design_lint import Problem
from templates_app.faults import faults_in, verdict_on
from templates_app.layout import read_layout
from templates_app.models import TemplateVersion
from templates_app.queries import source_of
from templates_app.rendering.drawing import Design
from templates_app.rendering.html_page import HtmlSource

_FROZEN = ("layout", "assets", "layout_sha256", "verdict")


class NotPublishable(Exception):
    """A design with faults; `problems` lists them with their remedies."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = tuple(problems)


@transaction.atomic
def publish(*, version: TemplateVersion, actor: str, now: datetime) -> TemplateVersion:
    """Freeze a draft and return it published; a version already published stays as it is."""
    rows = TemplateVersion.objects.select_for_update(of=("self",)).select_related("tenant")
    draft: TemplateVersion = rows.get(pk=version.pk)
    if draft.state == TemplateVersion.State.PUBLISHED:
        return draft
    source = source_of(draft)
    if problems := faults_in(source):
        raise NotPublishable(problems)
    draft.assets = _pinned(source)
    draft.layout_sha256 = source.digest
    if isinstance(source, HtmlSource):
        draft.verdict = verdict_on(source)
        draft.layout = {"page": draft.verdict["page"]}  # what pages ask of any version
    draft.state = TemplateVersion.State.PUBLISHED
    draft.published_at = now
    draft.save(update_fields=[*_FROZEN, "state", "published_at"])
    facts = {"template_id": draft.template_id, "version": draft.number}
    audit.record(
        tenant_id=draft.tenant_id,
        actor=actor,
        event=Event.TEMPLATE_UPDATED,
        payloads=[facts],
        now=now,
    )
    transaction.on_commit(partial(emit, Event.TEMPLATE_UPDATED, tenant_id=draft.tenant_id, **facts))
    return draft


def _pinned(source: Design) -> dict[str, str]:
    """Return the digests of the images and fonts the design really uses."""
    if isinstance(source, HtmlSource):
        used = {
            file.removesuffix(".png"): content
            for file, content in source.images
            if file in source.template
        }
    else:
        boxes = read_layout(source.layout).boxes
        names = {box.asset for box in boxes if isinstance(box, Image)}
        used = {name: source.assets[name] for name in sorted(names)}
    images = {name: sha256(content).hexdigest() for name, content in used.items()}
    return images | {font.name: font.sha256 for font in source.fonts}
