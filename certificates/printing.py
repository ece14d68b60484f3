"""What a template's fields say for one certificate: text, in the form its reader knows."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import formats, translation

from certificates.addresses import verify_url
from certificates.models import Certificate
from certificates.queries import statement_of
from certificates.tokens import format_token
from templates_app.design import STATEMENT
from templates_app.queries import prints_statement, wording_of


def printed_values(certificate: Certificate) -> dict[str, str]:
    """Return the values of the template fields (contract, section 4), and what codes carry.

    The day of completion is the day where the learner finished; the day of issue is the day
    at the issuer. Both stand in the language the design speaks to a reader of the course's.
    """
    course, tenant = certificate.course_version, certificate.tenant
    language = wording_of(certificate.template_version, course.language)
    zone = ZoneInfo(tenant.time_zone)
    signatory = certificate.template_version.layout.get("signatory", {})
    expires_at = certificate.expires_at
    values = {
        "recipient_name": certificate.recipient_name,
        "course_title": course.title,
        "course_version": course.version_id,
        "completed_on": long_date(certificate.completion.completed_local.date(), language),
        "issued_on": long_date(certificate.issued_at.astimezone(zone).date(), language),
        "expires_on": (
            long_date(expires_at.astimezone(zone).date(), language) if expires_at else ""
        ),
        "grade": certificate.grade,
        "issuer_name": tenant.name,
        "signatory_name": str(signatory.get("name", "")),
        "signatory_title": str(signatory.get("title", "")),
        "certificate_id": str(certificate.pk),
        "verify_code": format_token(certificate.token),
        "verify_url": verify_url(certificate.token),
    }
    if prints_statement(certificate.template_version):
        values[STATEMENT] = statement_of(certificate)
    return values | {f"custom.{key}": str(value) for key, value in course.custom.items()}


def long_date(day: date, language: str) -> str:
    """Return a day in words as the language writes it; English has the day first."""
    spoken = _spoken(language)
    with translation.override(spoken):
        return formats.date_format(day, "j F Y" if spoken == "en" else "DATE_FORMAT")


def _spoken(language: str) -> str:
    """Return the nearest language Django knows the months of."""
    for candidate in (language.lower(), language.split("-", 1)[0].lower()):
        if translation.check_for_language(candidate):
            return candidate
    return "en"
