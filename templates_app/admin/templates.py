"""Templates: a new one begins with a design of the house, drafts are started, one is default."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from templates_app import drafting, starters
from templates_app.admin.pills import version_pill
from templates_app.coverage import coverage
from templates_app.forms import TemplateForm
from templates_app.models import CertificateTemplate, TemplateVersion
from templates_app.rendering.fonts import font_set
from tenants.acts import Act
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


@admin.register(CertificateTemplate)
class CertificateTemplateAdmin(TenantScopedAdmin):
    """Designs of the tenant."""

    form = TemplateForm
    add_right = change_right = Right.DESIGN
    list_display = ("name", "default", "newest", "created_at")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "kind", "archived_at", "default", "version_links")
    readonly_fields = ("default", "version_links")
    empty_sentence = "No design yet."
    change_list_template = "admin/template_list.html"
    acts = (
        Act(
            name="draft",
            label="New draft",
            right=Right.DESIGN,
            effect="A draft is made from the newest version. Certificates keep the design they "
            "were issued with.",
        ),
        Act(
            name="default",
            label="Make default",
            right=Right.DESIGN,
            effect="Courses that name no design use this one from now on.",
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page of fonts."""
        view = self.admin_site.admin_view(self.fonts_view)
        name = "templates_app_certificatetemplate_fonts"
        return [path("fonts/", view, name=name), *super().get_urls()]

    def fonts_view(self, request: HttpRequest) -> HttpResponse:
        """Return which scripts are drawn, and with which fonts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Fonts and scripts",
            "covered": coverage(font_set()),
        }
        return TemplateResponse(request, "admin/fonts.html", context)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Ask only of a new design what it begins with."""
        fields = super().get_fields(request, obj)
        return ["tenant", "name", "kind", "begin_with"] if obj is None else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the kind: versions of both would not be versions of one design."""
        fixed = [] if obj is None else ["kind"]
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Begin a new design."""
        super().save_model(request, obj, form, change)
        name = form.cleaned_data.get("begin_with")
        if change:
            return
        if obj.kind == CertificateTemplate.Kind.HTML:
            starters.draft_of_html(template=obj, now=timezone.now())
        elif name:
            starters.draft_from(template=obj, name=name, now=timezone.now())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the versions along, without their layouts."""
        versions = TemplateVersion.objects.defer("layout", "html", "assets").order_by("-number")
        return super().get_queryset(request).prefetch_related(Prefetch("versions", versions))

    @admin.display(description="default")
    def default(self, obj: CertificateTemplate) -> SafeString | str:
        """Return whether courses without a design get this one."""
        return pill("good", "default") if obj.is_default else "-"

    @admin.display(description="newest version")
    def newest(self, obj: CertificateTemplate) -> SafeString | str:
        """Return the newest version's number and state."""
        newest = next(iter(obj.versions.all()), None)
        return format_html("v{} {}", newest.number, version_pill(newest)) if newest else "-"

    @admin.display(description="versions")
    def version_links(self, obj: CertificateTemplate) -> SafeString | str:
        """Return a way to each version."""
        rows = (
            (
                reverse("admin:templates_app_templateversion_change", args=[version.pk]),
                version.number,
                version_pill(version),
            )
            for version in obj.versions.all()
        )
        return format_html_join("", '<div><a href="{}">v{}</a> {}</div>', rows) or "-"

    def act_applies(self, act: Act, obj: CertificateTemplate) -> bool:
        """Offer the default to the others."""
        return act.name != "default" or not obj.is_default

    def perform_draft(self, request: HttpRequest, obj: CertificateTemplate, data: Any) -> str:  # noqa: ARG002
        """Copy the newest version."""
        draft = drafting.start_draft(template=obj, now=timezone.now())
        return f"Draft v{draft.number} is there. Open it below."

    def perform_default(self, request: HttpRequest, obj: CertificateTemplate, data: Any) -> str:  # noqa: ARG002
        """Make it the default."""
        drafting.make_default(template=obj)
        return "This is the default design now."
