"""Start a draft, see what is wrong with it, choose the design of courses that name none."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from templates_app.design_lint import Problem
from templates_app.faults import faults_in, verdict_on
from templates_app.models import CertificateTemplate, TemplateVersion
from templates_app.queries import source_of
from templates_app.rendering.compiling import CannotLayOut
from templates_app.rendering.html_page import HtmlSource


@transaction.atomic
def start_draft(
    *,
    template: CertificateTemplate,
    now: datetime,
    layout: dict[str, Any] | None = None,
    html: str = "",
) -> TemplateVersion:
    """Return a new draft with a layout or HTML, or with a copy of the newest version's."""
    # The template's lock keeps two drafts from taking the same number.
    CertificateTemplate.objects.select_for_update().get(pk=template.pk)
    versions = TemplateVersion.objects.filter(template=template)
    newest = versions.order_by("-number").first()
    return TemplateVersion.objects.create(
        tenant_id=template.tenant_id,
        template=template,
        number=(versions.aggregate(highest=Max("number"))["highest"] or 0) + 1,
        layout=layout or (newest.layout if newest else {}),
        html=html or (newest.html if newest else ""),
        created_at=now,
    )


def faults_of(version: TemplateVersion) -> list[Problem]:
    """Return what keeps a version from being published, each fault with its remedy."""
    try:
        return faults_in(source_of(version))
    except CannotLayOut as stopped:
        return [Problem("/", str(stopped), "Try again, or make the template simpler.")]


def verdict_of(version: TemplateVersion) -> dict[str, Any] | None:
    """Return how a version in HTML is drawn: as it was published, or as the draft would be."""
    design = None if version.verdict else source_of(version)
    if not isinstance(design, HtmlSource) or faults_of(version):
        return version.verdict
    return verdict_on(design)


@transaction.atomic
def make_default(*, template: CertificateTemplate) -> None:
    """Make a template its tenant's default, in place of the one before."""
    own = CertificateTemplate.objects.for_tenant(template.tenant_id)
    own.filter(is_default=True).update(is_default=False)
    own.filter(pk=template.pk).update(is_default=True)
