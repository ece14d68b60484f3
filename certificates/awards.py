"""From a completion to everything its credential says, and to the design it is printed in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from certificates.credential.compose import Achieved, Award
from certificates.credential.shapes import Shapes
from certificates.models import Completion, CourseVersion, StatusList
from templates_app.models import TemplateVersion
from templates_app.queries import default_template, published_version
from tenants.issuer_profile import issuer_profile
from tenants.models import Tenant


class NoTemplate(Exception):
    """There is no published design to issue with; the message says what to do."""


@dataclass(frozen=True)
class Changes:
    """What a corrected certificate says otherwise than the completion it stands on."""

    recipient_name: str | None = None
    grade: str | None = None
    awarded_at: datetime | None = None


def achieved(course: CourseVersion) -> Achieved:
    """Return what a credential says about a course version."""
    return Achieved(
        url=f"{settings.BASE_URL}/achievements/{course.pk}",
        name=course.title,
        description=course.description or course.title,
        version=course.version_id,
        course_id=course.course_id,
        criteria=course.criteria or f"{course.title}: {course.get_award_on_display()}.",
        language=course.language,
    )


class Awards:
    """Makes the awards of one tenant in one batch; what they share is read once."""

    def __init__(self, *, tenant: Tenant, now: datetime) -> None:
        self.tenant = tenant
        self.now = now.replace(microsecond=0)
        self.issuer: dict[str, Any] = issuer_profile(
            base_url=settings.BASE_URL,
            slug=tenant.slug,
            name=tenant.name,
            website=tenant.website,
            email=tenant.email,
        )
        self.shapes = Shapes(issuer=self.issuer)
        self._achieved: dict[UUID, Achieved] = {}
        self._versions: dict[str | None, TemplateVersion | None] = {}

    def award(
        self,
        *,
        completion: Completion,
        certificate_id: UUID,
        status: tuple[StatusList, int],
        changes: Changes = Changes(),
    ) -> Award:
        """Return all that the credential of this completion will say."""
        course, recipient = completion.course_version, completion.recipient
        validity = course.validity_days
        grade = changes.grade if changes.grade is not None else completion.grade
        return Award(
            credential_url=f"{settings.BASE_URL}/credentials/{certificate_id}",
            issuer=self.issuer,
            subject_id=completion.details.get("did") or f"urn:uuid:{recipient.pk}",
            recipient_name=changes.recipient_name or completion.recipient_name,
            email=recipient.email,
            email_salt=secrets.token_hex(16),
            achieved=self._achieved_of(course),
            completed_at=completion.completed_local,
            valid_from=self.now,
            awarded_at=changes.awarded_at or self.now,
            valid_until=self.now + timedelta(days=validity) if validity else None,
            grade=grade,
            status_list_url=status[0].url,
            status_index=status[1],
            evidence=list(completion.details.get("evidence", [])),
        )

    def _achieved_of(self, course: CourseVersion) -> Achieved:
        if course.pk not in self._achieved:
            self._achieved[course.pk] = achieved(course)
        return self._achieved[course.pk]

    def template_version(self, completion: Completion) -> TemplateVersion:
        """Return the published version of the completion's, else course's, else default design."""
        template_id = completion.template_id or completion.course_version.template_id
        if template_id not in self._versions:
            template = (
                completion.template or completion.course_version.template
                if template_id
                else default_template(self.tenant)
            )
            self._versions[template_id] = published_version(template) if template else None
        version = self._versions[template_id]
        if version is None:
            raise NoTemplate(
                "There is no published template to issue with. Publish one, or set the tenant's "
                "default, then send this completion again."
            )
        return version
