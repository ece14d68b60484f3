"""Addresses of the platforms' API about completions and certificates."""

from django.urls import path

from certificates.api.certificates import CertificateDetail, Certificates, Reissue, Revocation
from certificates.api.completions import CompletionDetail, Completions

urlpatterns = [
    path("completions", Completions.as_view(), name="completion_events"),
    path("completions/<uuid:completion_id>", CompletionDetail.as_view(), name="completion"),
    path("certificates", Certificates.as_view(), name="certificates"),
    path("certificates/<uuid:certificate_id>", CertificateDetail.as_view(), name="certificate"),
    path(
        "certificates/<uuid:certificate_id>/revoke",
        Revocation.as_view(),
        name="certificate_revocation",
    ),
    path(
        "certificates/<uuid:certificate_id>/reissue",
        Reissue.as_view(),
        name="certificate_reissue",
    ),
]
