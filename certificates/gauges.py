"""What certificates tell the operators at each scrape."""

from datetime import datetime

from certificates.models import RenderJob
from observability import metrics
from templates_app.models import CertificateTemplate
from tenants.models import Tenant


def render_queue_depth(*, now: datetime) -> float:  # noqa: ARG001 - every gauge is asked alike
    """Return how many render jobs are queued or running."""
    unfinished = [RenderJob.State.QUEUED, RenderJob.State.RUNNING]
    return float(RenderJob.objects.filter(state__in=unfinished).count())


def start_series() -> None:
    """Start the series of every tenant and template at 0."""
    templates: dict[str, list[str]] = {
        tenant_id: [] for tenant_id in Tenant.objects.values_list("pk", flat=True)
    }
    for tenant_id, template_id in CertificateTemplate.objects.values_list("tenant_id", "pk"):
        templates.setdefault(tenant_id, []).append(template_id)
    for tenant_id, template_ids in templates.items():
        metrics.initialise_tenant(tenant_id=tenant_id, template_ids=template_ids)
