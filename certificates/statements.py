"""The signed statement of a QR code: who is to have one, and what it says of a certificate."""

from collections.abc import Sequence

from certificates.credential.statement import Statement, statement_bytes
from certificates.models import Certificate
from templates_app.queries import prints_statement


def wanted(certificates: Sequence[Certificate]) -> list[Certificate]:
    """Return those whose design prints a statement; designs are read once each."""
    versions = {one.template_version_id: one.template_version for one in certificates}
    asking = {key for key, version in versions.items() if prints_statement(version)}
    return [one for one in certificates if one.template_version_id in asking]


def payload_of(certificate: Certificate, *, slug: str) -> bytes:
    """Return the claims to sign: the name, the title and the day that are printed."""
    expires_at = certificate.expires_at
    return statement_bytes(
        Statement(
            certificate_id=certificate.pk,
            issuer=slug,
            recipient_name=certificate.recipient_name,
            course_title=certificate.completion.course_version.title,
            completed_on=certificate.completion.completed_local.date(),
            expires_at=expires_at,
        )
    )
