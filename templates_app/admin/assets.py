"""Images that designs use."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from templates_app.branding import store_asset
from templates_app.forms import AssetForm
from templates_app.images import BadImage
from templates_app.models import Asset
from tenants.acts import posted
from tenants.roles import Right
from tenants.scoped_admin import TenantScopedAdmin


@admin.register(Asset)
class AssetAdmin(TenantScopedAdmin):
    """Images that designs use. A new one under an old name is what drafts show from then on."""

    add_right = Right.DESIGN
    list_display = ("picture", "name", "size", "content_type", "created_at")
    list_display_links = ("picture", "name")
    ordering = ("name", "-created_at")
    fields = ("picture", "name", "size", "content_type", "sha256", "created_at")
    readonly_fields = fields
    empty_sentence = "No image yet. Add the logo, the mark, the seal and the signatures."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show images alone, without their bytes; the picture's own address reads them."""
        images = super().get_queryset(request).filter(kind=Asset.Kind.IMAGE)
        return images.defer("content")

    def get_urls(self) -> list[URLPattern]:
        """Add the image itself."""
        view = self.admin_site.admin_view(self.image_view)
        name = "templates_app_asset_image"
        return [path("<path:object_id>/image", view, name=name), *super().get_urls()]

    def image_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the image's bytes."""
        asset = self.get_object(request, object_id)
        if asset is None or not self.has_view_permission(request, asset):
            raise Http404
        return HttpResponse(bytes(asset.content), content_type=asset.content_type)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Take an upload, re-encoded."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AssetForm(
            posted(request), request.FILES or None, tenants=self.addable_tenants(request)
        )
        if form.is_valid():
            data = form.cleaned_data
            try:
                asset = store_asset(
                    tenant=data["tenant"],
                    name=data["name"],
                    upload=data["file"],
                    now=timezone.now(),
                )
            except BadImage as error:
                form.add_error("file", str(error))
            else:
                self.log_addition(request, asset, f"Image {asset.name}.")
                self.message_user(request, "The image is stored. Drafts show it now.")
                return HttpResponseRedirect(reverse("admin:templates_app_asset_changelist"))
        return self.form_page(
            request,
            form,
            title="Add an image",
            effect="Drafts use it at once; published versions keep the image they were "
            "published with.",
        )

    @admin.display(description="picture")
    def picture(self, obj: Asset) -> SafeString:
        """Return a thumbnail."""
        url = reverse("admin:templates_app_asset_image", args=[obj.pk])
        return format_html('<img class="thumb" src="{}" alt="{}">', url, obj.name)

    @admin.display(description="pixels")
    def size(self, obj: Asset) -> str:
        """Return width and height."""
        return f"{obj.width} x {obj.height}"
