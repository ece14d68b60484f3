"""A tenant that can issue: a published design and a small catalogue."""

from datetime import UTC, datetime
from typing import Any

from certificates import intake, issuance
from certificates.completion import ReportedCompletion
from certificates.models import Certificate, CourseVersion
from templates_app.models import TemplateVersion
from tenants.models import Tenant
from tests.factories.rows import NOW, make_course, make_template, make_tenant, make_version


def issuing_tenant(
    slug: str = "harbourline", *, layout: dict[str, Any] | None = None, now: datetime = NOW
) -> Tenant:
    """Return a tenant with a default template and the course version HL-FA1 2026.1."""
    tenant = make_tenant(slug=slug, name=f"Academy {slug}", now=now)
    published = TemplateVersion.State.PUBLISHED
    make_version(make_template(tenant, now=now), state=published, layout=layout, now=now)
    add_course(tenant, now=now)
    return tenant


def add_course(tenant: Tenant, *, now: datetime = NOW, **changes: Any) -> CourseVersion:
    """Add a course version."""
    facts = {"course_id": "HL-FA1", "version_id": "2026.1", "title": "First Aid at Work"}
    return make_course(tenant, now=now, **{**facts, **changes})


def report(event_id: str = "evt-1", **changes: Any) -> ReportedCompletion:
    """Return a completion of the course above."""
    facts: dict[str, Any] = {
        "event_id": event_id,
        "recipient_id": f"person-of-{event_id}",
        "recipient_name": "Ada Lovelace",
        "course_version_id": "2026.1",
        "completed_at": datetime(2026, 2, 27, 9, 0, tzinfo=UTC),
    }
    return ReportedCompletion(**{**facts, **changes})


def issued(
    tenant: Tenant, event_id: str = "evt-1", *, now: datetime = NOW, **changes: Any
) -> Certificate:
    """Report a completion and return its certificate."""
    (receipt,) = intake.accept(
        tenant=tenant, reports=[report(event_id, **changes)], source="test", now=now
    )
    assert receipt.completion is not None
    (certificate,) = issuance.issue(completion_ids=[receipt.completion.pk], now=now)
    return certificate


def issue_all(
    tenant: Tenant, count: int, *, prefix: str = "evt", now: datetime = NOW
) -> list[Certificate]:
    """Report and issue many in one batch."""
    reports = [report(f"{prefix}-{number}") for number in range(count)]
    receipts = intake.accept(tenant=tenant, reports=reports, source="test", now=now)
    ids = [receipt.completion.pk for receipt in receipts if receipt.completion]
    return issuance.issue(completion_ids=ids, now=now)
