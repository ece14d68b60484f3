"""Load course versions from a file: loading again updates what changed."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import transaction

from certificates.models import CourseVersion
from templates_app.models import CertificateTemplate
from tenants.models import Tenant

REQUIRED = ("course_id", "course_version_id", "course_title")
EXTERNAL_IDS = (
    "xapi_activity_id",
    "openedx_course_key",
    "moodle_course_id",
    "moodle_shortname",
    "canvas_course_id",
)


@dataclass
class Loaded:
    """What became of the rows. A problem names its line."""

    created: int = 0
    updated: int = 0
    problems: list[str] = field(default_factory=list)


@transaction.atomic
def load(*, lines: Iterable[str], tenant: Tenant | None, now: datetime) -> Loaded:
    """Load rows like the samples' courses.csv; without `tenant` the `tenant` column decides."""
    result = Loaded()
    rows = csv.DictReader(lines)
    missing = [name for name in REQUIRED if name not in (rows.fieldnames or [])]
    if missing:
        result.problems.append(f"line 1: there is no column {', '.join(missing)}")
        return result
    tenants = {one.slug: one for one in Tenant.objects.all()}
    for row in rows:
        try:
            owner = tenant or tenants[row.get("tenant") or ""]
            created = _load_row(owner, row, now)
        except KeyError:
            result.problems.append(f"line {rows.line_num}: no tenant {row.get('tenant')!r}")
        except (ValidationError, InvalidOperation, ValueError) as error:
            text = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            result.problems.append(f"line {rows.line_num}: {text}")
        else:
            result.created += created
            result.updated += not created
    return result


def _load_row(tenant: Tenant, row: Mapping[str, str], now: datetime) -> bool:
    course = CourseVersion.objects.for_tenant(tenant).filter(
        version_id=row["course_version_id"]
    ).first() or CourseVersion(tenant=tenant, version_id=row["course_version_id"], created_at=now)
    created: bool = course._state.adding  # noqa: SLF001 - Django's own name for "not yet saved"
    if not created and course.course_id != row["course_id"]:
        raise ValueError(
            f"version {course.version_id} belongs to course {course.course_id}; "
            "a version id is unique in a tenant"
        )
    course.course_id = row["course_id"]
    course.title = row["course_title"]
    course.language = row.get("language") or tenant.language
    course.award_on = row.get("award_on") or CourseVersion.AwardOn.COMPLETED
    course.passing_score = Decimal(row["passing_score"]) if row.get("passing_score") else None
    course.external_ids = {name: row[name] for name in EXTERNAL_IDS if row.get(name)}
    course.template = _template(tenant, row.get("template") or "")
    course.updated_at = now
    course.full_clean()
    course.save()
    return created


def _template(tenant: Tenant, named: str) -> CertificateTemplate | None:
    if not named:
        return None
    templates = CertificateTemplate.objects.for_tenant(tenant)
    found: CertificateTemplate | None = (
        templates.filter(pk=named).first() or templates.filter(name=named).first()
    )
    if found is None:
        raise ValueError(f"there is no template {named!r} in tenant {tenant.slug}")
    return found
