"""The JSON form of a verdict (contract, section 4)."""

from datetime import datetime
from typing import Any

from certificates import addresses
from certificates.models import Certificate
from certificates.moments import with_offset
from verification.lookup import Report


def verdict_document(report: Report) -> dict[str, Any]:
    """Return the members of the verdict. `certificate` is there only for a trusted one."""
    verdict = report.verdict
    document: dict[str, Any] = {
        "result": verdict.result.value,
        "in_force": verdict.in_force,
        "checked_at": _text(report.checked_at),
        "checks": [
            {"name": check.name, "outcome": check.outcome.value, "detail": check.detail}
            for check in verdict.checks
        ],
    }
    if report.rows:
        document["comparison"] = [
            {
                "name": row.name,
                "signed": row.signed,
                "printed": row.printed,
                "outcome": row.outcome.value,
            }
            for row in report.rows
        ]
    if report.elsewhere:
        document["issued_by"] = report.elsewhere
    if report.certificate is not None and report.fields is not None:
        document["certificate"] = _certificate(report, report.certificate)
        document["issuer"] = {
            "id": report.fields.issuer_id,
            "name": report.fields.issuer_name,
            "url": report.fields.issuer_url,
        }
        document["kid"] = report.kid
        document["kid_url"] = report.kid_url
        if report.certificate.tenant.is_sample:
            document["sample"] = True
    return document


def corrected_at(certificate: Certificate) -> datetime | None:
    """Return when this certificate took the place of one with a mistake in it."""
    old = certificate.supersedes
    if old is None or old.revocation_reason != Certificate.Reason.SUPERSEDED:
        return None
    return certificate.issued_at


def _certificate(report: Report, certificate: Certificate) -> dict[str, Any]:
    fields = report.fields
    assert fields is not None  # noqa: S101 - the caller looked
    newer = certificate.successor
    return {
        "credential_url": fields.credential_url,
        "verify_url": addresses.verify_url(certificate.token),
        "page_url": addresses.page_url(certificate.token),
        "recipient_name": fields.recipient_name,
        "achievement_name": fields.achievement_name,
        "achievement_url": fields.achievement_url,
        "achievement_version": fields.achievement_version,
        "course_id": fields.course_id,
        "language": fields.language,
        "grade": fields.grade,
        "completed_at": _text(fields.completed_at),
        "issued_at": _text(fields.issued_at),
        "expires_at": _text(fields.expires_at),
        "corrected_at": _text(corrected_at(certificate)),
        "revoked_at": _text(certificate.revoked_at),
        "revocation_reason": certificate.revocation_reason or None,
        "superseded_by": addresses.verify_url(newer.token) if newer else None,
    }


def _text(moment: datetime | None) -> str | None:
    """Return RFC 3339 in UTC and whole seconds, but the day of completion in its own offset."""
    return with_offset(moment) if moment else None
