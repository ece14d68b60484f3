"""The catalogue's screen."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import JSONField
from django.http import HttpRequest

from certificates.models import CourseVersion
from tenants.forms import PrettyJSONField
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


@admin.register(CourseVersion)
class CourseVersionAdmin(TenantScopedAdmin):
    """The catalogue. Courses stay: certificates name them for ever."""

    add_right = change_right = Right.MANAGE_COURSES
    list_display = ("title", "course_id", "version_id", "language", "award_on", "template")
    list_select_related = ("template",)
    list_filter = ("language", "award_on")
    search_fields = ("title", "course_id", "version_id")
    search_help_text = "Title or id."
    empty_sentence = "No course yet. Add one, or load the catalogue from a file."
    formfield_overrides: ClassVar[Any] = {
        **TenantScopedAdmin.formfield_overrides,
        JSONField: {"form_class": PrettyJSONField},
    }
    fieldsets = (
        (None, {"fields": ("tenant", "title", "course_id", "version_id", "language")}),
        ("What it says", {"fields": ("description", "criteria", "custom")}),
        ("Award", {"fields": ("award_on", "passing_score", "allows_repeats", "validity_days")}),
        ("Design", {"fields": ("template",)}),
        ("Elsewhere", {"fields": ("external_ids",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the version's id once it may have been reported and signed."""
        return [*super().get_readonly_fields(request, obj), *(["version_id"] if obj else [])]
