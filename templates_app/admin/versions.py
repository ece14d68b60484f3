"""A version: a draft is edited beside its picture, a published one is only looked at."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import JSONField, TextField
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from templates_app import drafting
from templates_app.admin.pills import version_pill
from templates_app.forms import HtmlField, LayoutField, VersionForm
from templates_app.models import CertificateTemplate, TemplateVersion
from templates_app.preview import CannotPreview, preview_png
from templates_app.publishing import NotPublishable, publish
from templates_app.samples import SAMPLES
from tenants.acts import Act, ActRefused
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin

# The usual case, and the two that break designs.
_SHOWN = ("usual", "long", "arabic")


@admin.register(TemplateVersion)
class TemplateVersionAdmin(TenantScopedAdmin):
    """A version: a draft is edited beside its picture, a published one is only looked at."""

    form = VersionForm
    change_form_template = "admin/template_version.html"
    change_right = Right.DESIGN
    list_display = ("__str__", "state_pill", "created_at", "published_at")
    list_select_related = ("template",)
    list_filter = ("state",)
    related_filters = ("template",)
    ordering = ("template__name", "-number")
    readonly_fields = ("state_pill", "frozen_layout", "frozen_html", "verdict_shown")
    empty_sentence = "No version yet. Open a design and start a draft."
    formfield_overrides: ClassVar[Any] = {
        JSONField: {"form_class": LayoutField},
        TextField: {"form_class": HtmlField},
    }
    acts = (
        Act(
            name="publish",
            label="Publish",
            right=Right.DESIGN,
            effect="The version is frozen with the images it uses now, and new certificates are "
            "made with it. Certificates that were issued before keep theirs.",
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the preview picture."""
        view = self.admin_site.admin_view(self.preview_view)
        name = "templates_app_templateversion_preview"
        return [path("<path:object_id>/preview.png", view, name=name), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep published versions as they are."""
        frozen = obj is not None and obj.state == TemplateVersion.State.PUBLISHED
        return super().has_change_permission(request, obj) and not frozen

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show the layout to edit, or to read."""
        editable = self.has_change_permission(request, obj)
        if obj is not None and obj.template.kind == CertificateTemplate.Kind.HTML:
            return ["state_pill", "verdict_shown", "html" if editable else "frozen_html"]
        return ["state_pill", "layout" if editable else "frozen_layout"]

    def act_view(self, request: HttpRequest, object_id: str, *, act: Act) -> HttpResponseBase:
        """Prove HTML before an act's transaction begins: SQLite lets one write at a time."""
        if request.method == "POST" and act.name == "publish":
            version = self.get_object(request, object_id)
            if version is not None and self.may(request, act.right, version):
                drafting.faults_of(version)
        return super().act_view(request, object_id, act=act)

    @admin.display(description="HTML")
    def frozen_html(self, obj: TemplateVersion) -> SafeString:
        """Return the template as it was written."""
        return format_html('<pre class="code" dir="ltr">{}</pre>', obj.html)

    @admin.display(description="drawn")
    def verdict_shown(self, obj: TemplateVersion) -> SafeString | str:
        """Return whether the template was compiled, why not, and what a certificate costs."""
        found = drafting.verdict_of(obj)
        if not found:
            return "-"
        kind = ("good", "compiled") if found["compiled"] else ("waiting", "laid out each time")
        notes = [found["why"], *(f"held back: {each}" for each in found["held"])]
        return format_html(
            "{} about {} ms a certificate{}",
            pill(*kind),
            found["milliseconds"],
            format_html_join("", "<div>{}</div>", ((note,) for note in notes if note)),
        )

    @admin.display(description="layout")
    def frozen_layout(self, obj: TemplateVersion) -> SafeString:
        """Return the layout, readable in every direction of writing."""
        text = json.dumps(obj.layout, indent=2, ensure_ascii=False)
        return format_html('<pre class="code" dir="ltr">{}</pre>', text)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: TemplateVersion) -> SafeString:
        """Return whether it is a draft."""
        return version_pill(obj)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the version as a picture with a sample recipient; nothing is stored."""
        version = self.get_object(request, object_id)
        if version is None:
            raise Http404
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        sample = request.GET.get("sample", "usual")
        if sample not in SAMPLES:
            raise Http404
        try:
            picture = preview_png(version, sample)
        except CannotPreview as error:  # the page lists what is wrong in words
            raise Http404(str(error)) from error
        return HttpResponse(picture, content_type="image/png")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what is wrong with the layout, and the addresses of its pictures."""
        obj: TemplateVersion = kwargs["obj"]
        picture = reverse("admin:templates_app_templateversion_preview", args=[obj.pk])
        is_draft = obj.state == TemplateVersion.State.DRAFT
        context |= {
            "problems": drafting.faults_of(obj) if is_draft else [],
            "samples": [(f"{picture}?sample={name}", name) for name in _SHOWN],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def act_applies(self, act: Act, obj: TemplateVersion) -> bool:  # noqa: ARG002
        """Publish drafts only."""
        return obj.state == TemplateVersion.State.DRAFT

    def perform_publish(self, request: HttpRequest, obj: TemplateVersion, data: Any) -> str:  # noqa: ARG002
        """Freeze it and put it to use."""
        try:
            publish(version=obj, actor=f"user:{request.user.pk}", now=timezone.now())
        except NotPublishable as error:
            raise ActRefused(f"Not published: {error}") from error
        return "The version is published. New certificates are made with it."
