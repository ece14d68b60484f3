"""What a report meets: the catalogue, the event reported before, the award already made."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from certificates.completion import FieldProblem, ReportedCompletion
from certificates.models import Certificate, Completion, CourseVersion, Recipient
from templates_app.models import CertificateTemplate
from tenants.models import Tenant

_sorted_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


@dataclass(frozen=True)
class Answer:
    """The certificate that answers for an award: in force, or on its way."""

    completion: Completion
    certificate_id: UUID
    token: str


class Catalogue:
    """The course versions and templates that a batch of reports may name."""

    def __init__(self, *, tenant: Tenant, reports: Iterable[ReportedCompletion]) -> None:
        reports = list(reports)
        self.courses: dict[str, CourseVersion] = {
            course.version_id: course
            for course in CourseVersion.objects.for_tenant(tenant).filter(
                version_id__in={report.course_version_id for report in reports}
            )
        }
        named = {report.template_id for report in reports if report.template_id}
        self.templates: set[str] = set()
        if named:
            templates = CertificateTemplate.objects.for_tenant(tenant).filter(pk__in=named)
            self.templates = set(templates.values_list("pk", flat=True))

    def problems(self, report: ReportedCompletion) -> list[FieldProblem]:
        """Return what of the report does not fit the catalogue. Ids decide, titles warn."""
        course = self.courses.get(report.course_version_id)
        if course is None:
            return [
                FieldProblem(
                    "course_version_id",
                    "unknown_course_version",
                    f"{report.course_version_id!r} is not in this tenant's catalogue",
                    remedy="Load the course version first, or correct the id.",
                )
            ]
        problems = []
        if report.course_id and report.course_id != course.course_id:
            problems.append(
                FieldProblem(
                    "course_id",
                    "unknown_course",
                    f"version {course.version_id} belongs to course {course.course_id}",
                    remedy="Correct the course id.",
                )
            )
        if report.course_title and report.course_title != course.title:
            problems.append(
                FieldProblem(
                    "course_title",
                    "title_mismatch",
                    "differs from the catalogue, whose title is printed",
                    "warning",
                )
            )
        if report.template_id and report.template_id not in self.templates:
            problems.append(
                FieldProblem(
                    "template_id",
                    "unknown_template",
                    "is no template of this tenant",
                    remedy="Leave it out, or name a template of the tenant.",
                )
            )
        return problems


def answers_for(
    *,
    tenant: Tenant,
    recipients: Iterable[Recipient],
    courses: Iterable[CourseVersion],
    now: datetime,
) -> dict[tuple[UUID, UUID], Answer]:
    """Return who answers for each award, by (recipient, course version)."""
    people = [recipient.pk for recipient in recipients]
    if not people:
        return {}
    scope = {"recipient__in": people, "course_version__in": list(courses)}
    answers: dict[tuple[UUID, UUID], Answer] = {}
    pending = Completion.objects.for_tenant(tenant).filter(
        state__in=[Completion.State.ACCEPTED, Completion.State.HELD],
        answered_by__isnull=True,
        **scope,
    )
    for row in pending:
        answers[row.recipient_id, row.course_version_id] = Answer(
            row, row.certificate_id, row.token
        )
    standing = (
        Certificate.objects.for_tenant(tenant)
        .in_force(now=now)
        .filter(**scope)
        .select_related("completion")
    )
    for certificate in standing:
        answers[certificate.recipient_id, certificate.course_version_id] = Answer(
            certificate.completion, certificate.pk, certificate.token
        )
    return answers


def digest(report: ReportedCompletion, recipient: Recipient) -> str:
    """Return a keyed digest of what was reported, equal for equal values however written."""
    content = {
        "recipient": report.recipient_id,
        "name": report.recipient_name,
        "email": report.recipient_email,
        "language": report.language,
        "course_version": report.course_version_id,
        "completed_at": report.completed_at.astimezone(UTC).isoformat(),
        "grade": report.grade,
        "details": dict(report.details),
        "template": report.template_id,
    }
    text = _sorted_json(content)
    return hmac.digest(bytes(recipient.salt), text.encode(), hashlib.sha256).hex()
