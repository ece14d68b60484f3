"""Addresses of certificates, and of everything a signed document names."""

from django.urls import path, register_converter

from certificates import document_views, owner_views, sharing_views, views


class DigestConverter:
    """The first 16 hexadecimal digits of a file's SHA-256."""

    regex = "[0-9a-f]{16}"

    def to_python(self, value: str) -> str:
        """Return the digits."""
        return value

    def to_url(self, value: str) -> str:
        """Return the digits."""
        return value


register_converter(DigestConverter, "digest")

urlpatterns = [
    path("certificates/<str:token>", views.learner_certificate, name="learner_certificate"),
    path("certificates/<str:token>/owner", owner_views.owner_link, name="owner_link"),
    path("certificates/<str:token>/qr.svg", sharing_views.qr_code, name="certificate_qr"),
    path("certificates/<str:token>/<str:name>", views.certificate_file, name="certificate_file"),
    path(
        "certificates/<str:token>/<digest:digest>/<str:name>",
        views.certificate_file,
        name="certificate_content",
    ),
    path("owner/<str:key>", owner_views.owner_page, name="owner_page"),
    path("embed/<str:token>", sharing_views.embed, name="embed"),
    path("credentials/<uuid:credential_id>", document_views.credential, name="credential"),
    path("status/<slug:slug>/<int:number>", document_views.status, name="status_list"),
    path(
        "achievements/<uuid:achievement_id>",
        document_views.achievement_page,
        name="achievement",
    ),
    path("tenants/<slug:slug>", document_views.tenant_profile, name="tenant_profile"),
    path("tenants/<slug:slug>/mark.png", document_views.tenant_mark, name="tenant_mark"),
]
