"""Make the demo tenants: branding, design, catalogue, certificates in every state."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from certificates import catalogue, intake, issuance, reissue, revocation
from certificates.completion import ReportedCompletion
from certificates.models import Certificate, CourseVersion, RenderJob
from certificates.queries import certificates_of
from config.demonstration.plan import COURSE_VALIDITY_DAYS, DemoTenant
from templates_app.branding import load_branding
from templates_app.queries import default_template
from templates_app.starters import create_starter
from tenants.models import Tenant
from tenants.onboarding import create_tenant

SAMPLES = Path(settings.ROOT) / "samples"
_EVENTS = "demo-"


def make_tenant(*, plan: DemoTenant, now: datetime) -> Tenant:
    """Return the tenant, made with its branding and its design if it is not there yet."""
    tenant = Tenant.objects.filter(slug=plan.slug).first()
    branding = SAMPLES / "branding" / plan.slug
    facts = json.loads((branding / "tenant.json").read_text(encoding="utf-8"))
    if tenant is None:
        tenant = create_tenant(
            slug=plan.slug,
            name=facts["name"],
            website=facts["website"],
            email=facts["email"],
            language=plan.language,
            direction=facts["direction"],
            time_zone=plan.time_zone,
            colours=facts["colours"],
            now=now,
        )
        load_branding(tenant=tenant, directory=branding, now=now)
    if default_template(tenant) is None:
        create_starter(tenant=tenant, signers=facts["signers"], now=now)
    _catalogue(tenant, plan, now)
    return tenant


def make_certificates(*, tenant: Tenant, plan: DemoTenant, now: datetime) -> None:
    """Issue certificates in every state: six in force, one each expired, revoked, replaced."""
    course = (
        CourseVersion.objects.for_tenant(tenant)
        .filter(course_id=plan.issued_in)
        .order_by("-version_id")[0]
    )
    expiring = CourseVersion.objects.for_tenant(tenant).get(version_id=plan.expiring.version_id)
    day = timedelta(days=1)
    for number, name in enumerate(plan.recipients, start=1):
        _issue(tenant, plan, course, _Entry(number, name, now - number * day))
    old = now - (COURSE_VALIDITY_DAYS + 30) * day
    _issue(tenant, plan, expiring, _Entry(7, plan.recipients[0], old))
    revoked = _issue(tenant, plan, expiring, _Entry(8, plan.recipients[1], now - 40 * day))
    revocation.revoke(
        certificate=revoked,
        reason=Certificate.Reason.ISSUED_IN_ERROR,
        note="Demo: reported for the wrong person.",
        actor="service:demo",
        now=now,
    )
    replaced = _issue(tenant, plan, expiring, _Entry(9, plan.recipients[2].upper(), now - 20 * day))
    if replaced.revoked_at is None:
        reissue.reissue(
            certificate=replaced,
            recipient_name=plan.recipients[2],
            reason="Demo: the name was in capitals.",
            actor="service:demo",
            now=now,
        )


def certificates_of_demo(*, tenant: Tenant, plan: DemoTenant) -> QuerySet[Any]:
    """Return what `make_certificates` made, with the files there are by now."""
    made = certificates_of(tenant).filter(completion__event_id__startswith=_event_id(plan, ""))
    return made.order_by("completion__event_id", "issued_at")


def awaits_files() -> bool:
    """Say whether files of a demo certificate are still to be made."""
    return RenderJob.objects.filter(
        certificate__completion__event_id__startswith=_EVENTS,
        state__in=[RenderJob.State.QUEUED, RenderJob.State.RUNNING],
    ).exists()


def _catalogue(tenant: Tenant, plan: DemoTenant, now: datetime) -> None:
    with (SAMPLES / "courses.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = file.read().splitlines(keepends=True)
    own = [line for line in lines if line.startswith(f"{plan.slug},")]
    catalogue.load(lines=[header, *own], tenant=tenant, now=now)
    CourseVersion.objects.get_or_create(
        tenant=tenant,
        version_id=plan.expiring.version_id,
        defaults={
            "course_id": plan.expiring.course_id,
            "title": plan.expiring.title,
            "language": plan.expiring.language,
            "award_on": CourseVersion.AwardOn.PASSED,
            "validity_days": COURSE_VALIDITY_DAYS,
            "created_at": now,
            "updated_at": now,
        },
    )


@dataclass(frozen=True)
class _Entry:
    """One demo certificate: its number, whose it is, and when it was issued."""

    number: int
    name: str
    at: datetime


def _issue(tenant: Tenant, plan: DemoTenant, course: CourseVersion, entry: _Entry) -> Certificate:
    """Issue one certificate as it would have been issued then, once."""
    event_id = _event_id(plan, f"{entry.number:02}")
    existing: Certificate | None = (
        Certificate.objects.for_tenant(tenant)
        .filter(completion__event_id=event_id)
        .order_by("issued_at")
        .first()
    )
    if existing is not None:
        return existing
    report = ReportedCompletion(
        event_id=event_id,
        recipient_id=f"{plan.slug}-demo-{entry.number:02}",
        recipient_name=entry.name,
        course_version_id=course.version_id,
        completed_at=entry.at - timedelta(hours=2),
        grade="Merit" if entry.number % 2 else "",
        is_backfill=True,
    )
    (receipt,) = intake.accept(tenant=tenant, reports=[report], source="demo", now=entry.at)
    if receipt.completion is None:
        raise RuntimeError(f"the demo's own completion was refused: {receipt.problems}")
    (certificate,) = issuance.issue(completion_ids=[receipt.completion.pk], now=entry.at)
    return certificate


def _event_id(plan: DemoTenant, number: str) -> str:
    return f"{_EVENTS}{plan.slug}-{number}"
