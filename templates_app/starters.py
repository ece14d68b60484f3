"""Give a tenant a design to begin with, in its own colours and direction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from templates_app import gallery
from templates_app.drafting import start_draft
from templates_app.html_starter import HTML
from templates_app.models import CertificateTemplate, TemplateVersion
from templates_app.publishing import publish
from templates_app.queries import default_template, newest_assets, published_version
from tenants.models import Tenant


@transaction.atomic
def create_starter(
    *, tenant: Tenant, signers: Sequence[Mapping[str, str]], now: datetime
) -> TemplateVersion:
    """Return a published version of the starter; the tenant's default where it has none.

    `signers` have `name` and `title`; their signatures are the images signature-1, signature-2.
    A tenant that has the starter already keeps it as it is.
    """
    starter = gallery.STARTERS[tenant.direction][0]
    template, _ = CertificateTemplate.objects.get_or_create(
        tenant=tenant,
        name=starter.name,
        defaults={"is_default": default_template(tenant) is None, "created_at": now},
    )
    version = published_version(template)
    if version is not None:
        return version
    draft = _draft(template, starter, signers, now)
    return publish(version=draft, actor="system", now=now)


def draft_from(*, template: CertificateTemplate, name: str, now: datetime) -> TemplateVersion:
    """Return a draft of a starter chosen by name, in the tenant's colours and direction.

    Nobody signs it yet: that is for the designer to write. Raises KeyError.
    """
    return _draft(template, gallery.find(name, template.tenant.direction), (), now)


def draft_of_html(*, template: CertificateTemplate, now: datetime) -> TemplateVersion:
    """Return a draft in HTML that may be published as it is."""
    return start_draft(template=template, html=HTML, now=now)


def _draft(
    template: CertificateTemplate,
    starter: gallery.Starter,
    signers: Sequence[Mapping[str, str]],
    now: datetime,
) -> TemplateVersion:
    tenant = template.tenant
    layout = starter.make(
        colours=tenant.colours, signers=signers, assets=newest_assets(tenant).keys()
    )
    return start_draft(template=template, layout=layout, now=now)
