"""Fonts of a tenant's own: uploaded, shown with what they draw, used by their family's name."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from templates_app.branding import store_font
from templates_app.coverage import drawn_by
from templates_app.forms import FontForm
from templates_app.models import OwnFont
from templates_app.rendering.font_checks import BadFont
from templates_app.specimen import specimen_png
from templates_app.uploads import font_of
from tenants.acts import posted
from tenants.pills import pill
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


@admin.register(OwnFont)
class OwnFontAdmin(TenantScopedAdmin):
    """A tenant's fonts. A new file of the same family and style is what drafts use from then on."""

    add_right = Right.DESIGN
    list_display = ("name", "scripts", "glyphs", "created_at")
    ordering = ("name", "-created_at")
    fields = ("specimen", "family", "style", "names_drawn", "glyphs", "sha256", "created_at")
    readonly_fields = fields
    empty_sentence = "No font of your own yet. Designs use the fonts that come with the service."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show fonts alone, without their bytes."""
        fonts = super().get_queryset(request).filter(kind=OwnFont.Kind.FONT)
        return fonts.defer("content")

    def get_urls(self) -> list[URLPattern]:
        """Add the specimen."""
        view = self.admin_site.admin_view(self.specimen_view)
        name = "templates_app_ownfont_specimen"
        return [path("<path:object_id>/specimen.png", view, name=name), *super().get_urls()]

    def specimen_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return a picture of some words in the font."""
        font = self.get_object(request, object_id)
        if font is None or not self.has_view_permission(request, font):
            raise Http404
        picture = specimen_png(font_of(font.told, bytes(font.content)))
        return HttpResponse(picture, content_type="image/png")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Take an upload, built anew in the sandbox."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = FontForm(
            posted(request), request.FILES or None, tenants=self.addable_tenants(request)
        )
        if form.is_valid():
            data = form.cleaned_data
            try:
                font = store_font(
                    tenant=data["tenant"],
                    upload=data["file"],
                    file=data["file_name"],
                    family=data["family"],
                    weight=data["weight"] or 0,
                    now=timezone.now(),
                )
            except BadFont as error:
                form.add_error("file", str(error))
            else:
                self.log_addition(request, font, f"Font {font.name}.")
                done = f"The font is stored. Designs use it as “{font.told['family']}”."
                self.message_user(request, done)
                url = reverse("admin:templates_app_ownfont_change", args=[font.pk])
                return HttpResponseRedirect(url)
        return self.form_page(
            request,
            form,
            title="Add a font",
            effect="Designs may name its family at once; published versions keep the file they "
            "were published with. Nobody else can use it.",
        )

    @admin.display(description="specimen")
    def specimen(self, obj: OwnFont) -> SafeString:
        """Return a picture of some words in the font."""
        url = reverse("admin:templates_app_ownfont_specimen", args=[obj.pk])
        return format_html('<img class="specimen" src="{}" alt="{}">', url, obj.name)

    @admin.display(description="family")
    def family(self, obj: OwnFont) -> str:
        """Return what designs call it."""
        return str(obj.told["family"])

    @admin.display(description="style")
    def style(self, obj: OwnFont) -> str:
        """Return weight and slant."""
        return f"{obj.told['weight']}{', italic' if obj.told['italic'] else ''}"

    @admin.display(description="glyphs")
    def glyphs(self, obj: OwnFont) -> str:
        """Return how many there are."""
        return f"{obj.told['glyphs']:,}"

    @admin.display(description="draws")
    def scripts(self, obj: OwnFont) -> str:
        """Return the scripts whose names it draws."""
        return ", ".join(each.name for each in drawn_by(obj.told) if each.is_own)

    @admin.display(description="names")
    def names_drawn(self, obj: OwnFont) -> SafeString:
        """Return for each script whether its names are set in this font or in which other."""
        found = drawn_by(obj.told)
        own = ((pill("good", each.name), each.letters) for each in found if each.is_own)
        others = ((each.name, each.instead) for each in found if not each.is_own)
        return format_html(
            "<div>{}<div>A name with a letter that the font lacks is set as a whole in another."
            "</div><div class=quiet>{}</div></div>",
            format_html_join("", "<div>{} {} letters</div>", own),
            format_html_join(", ", "{}: {}", others),
        )
