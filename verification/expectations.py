"""What the page of a certificate must print, from what was signed and from nothing else."""

from uuid import UUID
from zoneinfo import ZoneInfo

from certificates.credential.read import SignedFields
from certificates.days import long_date
from certificates.models import Certificate
from certificates.tokens import format_token
from verification.comparison import Expected


def expected_of(certificate: Certificate, fields: SignedFields) -> list[Expected]:
    """Return the signed fields in the forms that a design may print them in.

    Which of them it prints, and in which language days are written, its issued page shows.
    """
    zone = ZoneInfo(certificate.tenant.time_zone)
    languages = tuple(dict.fromkeys((certificate.course_version.language, "en")))
    days = {
        "completed_on": fields.completed_at.date() if fields.completed_at else None,
        "issued_on": fields.issued_at.astimezone(zone).date(),
        "expires_on": fields.expires_at.astimezone(zone).date() if fields.expires_at else None,
    }
    code = format_token(certificate.token)
    forms: dict[str, tuple[str, ...]] = {
        "recipient_name": (fields.recipient_name,),
        "course_title": (fields.achievement_name,),
        **{
            name: tuple(long_date(day, language) for language in languages) if day else ()
            for name, day in days.items()
        },
        "grade": (fields.grade,),
        "issuer_name": (fields.issuer_name,),
        "certificate_id": (str(_id(fields)),),
        "verify_code": (code,),
    }
    return [Expected(name, written) for name, written in forms.items() if written and written[0]]


def _id(fields: SignedFields) -> UUID:
    return UUID(fields.credential_url.rpartition("/")[2])
