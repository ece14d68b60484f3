"""The catalogue: what can be achieved."""

import uuid
from typing import Any, ClassVar

from django.db import models

from templates_app.models import CertificateTemplate
from tenants.scoping import TenantOwned


class CourseVersion(TenantOwned):
    """One version of a course; as a signed document, an achievement."""

    class AwardOn(models.TextChoices):
        PASSED = "passed"
        COMPLETED = "completed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course_id = models.CharField(max_length=128)
    version_id = models.CharField(max_length=128, help_text="Unique in the tenant.")
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    criteria = models.TextField(blank=True, help_text="What had to be done to earn it.")
    language = models.CharField(max_length=35, default="en")
    award_on = models.CharField(max_length=10, choices=AwardOn, default=AwardOn.COMPLETED)
    passing_score = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    template = models.ForeignKey(
        CertificateTemplate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the tenant's default.",
    )
    allows_repeats = models.BooleanField(
        default=False, help_text="Several certificates in force for one recipient."
    )
    validity_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: certificates do not expire."
    )
    external_ids = models.JSONField(
        default=dict,
        blank=True,
        help_text="xapi_activity_id, openedx_course_key, moodle_course_id…",
    )
    custom = models.JSONField(
        default=dict, blank=True, help_text="Values of the design's custom fields, by key."
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "version_id"], name="course_version_once_per_tenant"
            ),
        ]
        ordering: ClassVar[list[str]] = ["course_id", "version_id"]

    def __str__(self) -> str:
        return f"{self.title} ({self.version_id})"
