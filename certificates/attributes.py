"""The four attributes that every event about a certificate carries (OBSERVABILITY-spec, 1)."""

from django.conf import settings

from certificates.models import Certificate
from certificates.tokens import fingerprint


def event_attributes(certificate: Certificate) -> dict[str, str]:
    """Return ids and the token's fingerprint: fit for logs, audit records and nothing more."""
    return {
        "certificate_id": str(certificate.pk),
        "template_id": certificate.template_version.template_id,
        "course_version_id": str(certificate.course_version_id),
        "verification_token_fingerprint": fingerprint(
            certificate.token, pepper=settings.TOKEN_PEPPER
        ),
    }
