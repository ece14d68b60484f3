"""Every address the service answers."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("verification.urls")),
    path("", include("certificates.urls")),
    path("", include("signing.urls")),
    path("", include("observability.urls")),
    path("", include("mail.urls")),
    path("api/v1/", include("certificates.api.urls")),
    path("api/v1/", include("templates_app.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("admin/", admin.site.urls),
]

handler400 = "config.error_views.bad_request"
handler403 = "config.error_views.permission_denied"
handler404 = "config.error_views.not_found"
handler500 = "config.error_views.server_error"
