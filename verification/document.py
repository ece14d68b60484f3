"""The JSON form of a verdict (contract, section 4)."""

from datetime import datetime
from typing import Any

from certificates import addresses
from certificates.models import Certificate
from certificates.moments import with_offset
from domains.queries import confirmed_domain
from tenants.models import Tenant
from verification.lookup import Report
from verification.offline import Judgement
from verification.verdict import Verdict


def verdict_document(report: Report) -> dict[str, Any]:
    """Return the members of the verdict. `certificate` is there only for a trusted one."""
    document = _verdict(report.verdict, report.checked_at)
    if report.certificate is not None and report.fields is not None:
        document["certificate"] = _certificate(report, report.certificate)
        document["issuer"] = {
            "id": report.fields.issuer_id,
            "name": report.fields.issuer_name,
            "url": report.fields.issuer_url,
            "domain": _domain(report.certificate.tenant),
        }
        document["kid"] = report.kid
        document["kid_url"] = report.kid_url
        if report.certificate.tenant.is_sample:
            document["sample"] = True
        if report.certificate.is_private:
            document["private"] = True
    return document


def offline_document(judgement: Judgement, *, now: datetime) -> dict[str, Any]:
    """Return the members of a verdict that no record was asked for."""
    document = {**_verdict(judgement.verdict, now), "kid_url": judgement.kid_url}
    if judgement.said is not None:
        document["certificate"] = dict(judgement.said)
        document["issuer"] = {"url": judgement.issuer_url}
    return document


def corrected_at(certificate: Certificate) -> datetime | None:
    """Return when this certificate took the place of one with a mistake in it."""
    old = certificate.supersedes
    if old is None or old.revocation_reason != Certificate.Reason.SUPERSEDED:
        return None
    return certificate.issued_at


def _verdict(verdict: Verdict, checked_at: datetime) -> dict[str, Any]:
    return {
        "result": verdict.result.value,
        "in_force": verdict.in_force,
        "checked_at": _text(checked_at),
        "checks": [
            {"name": check.name, "outcome": check.outcome.value, "detail": check.detail}
            for check in verdict.checks
        ],
    }


def _certificate(report: Report, certificate: Certificate) -> dict[str, Any]:
    fields = report.fields
    assert fields is not None  # noqa: S101 - the caller looked
    newer = certificate.successor
    return {
        "credential_url": fields.credential_url,
        "verify_url": addresses.verify_url(certificate.token),
        "page_url": None if certificate.is_private else addresses.page_url(certificate.token),
        "recipient_name": fields.recipient_name or None,
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


def _domain(tenant: Tenant) -> dict[str, Any] | None:
    """Return the domain that confirms the issuer, as of when it last did."""
    proof = confirmed_domain(tenant)
    if proof is None:
        return None
    return {
        "name": proof.domain,
        "method": proof.method,
        "confirmed_since": _text(proof.confirmed_since),
        "checked_at": _text(proof.checked_at),
    }


def _text(moment: datetime | None) -> str | None:
    """Return RFC 3339 in UTC and whole seconds, but the day of completion in its own offset."""
    return with_offset(moment) if moment else None
