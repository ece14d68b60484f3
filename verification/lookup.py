"""A code or a link to a verdict: the row, the signature, and that both speak of the same thing."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext_noop
from rest_framework.exceptions import APIException

from certificates import proof, queries, tokens
from certificates.credential.read import SignedFields
from certificates.models import Certificate
from domains.queries import confirmed_domain
from observability.spans import Span, span
from verification import verdict
from verification.verdict import Facts, Signature, Verdict

_PLACES = ("/verify/", "/certificates/")


class CouldNotCheck(APIException):
    """The database or the keys are away. That is no verdict, and never a good one."""

    status_code = 503
    title = gettext_noop("The check could not be finished")
    default_detail = gettext_noop(
        "The service cannot reach its records just now. Try again in a moment."
    )
    headers = {"Retry-After": "10"}


@dataclass(frozen=True)
class Report:
    """A verdict with what it was reached from. `fields` is there only if they can be trusted.

    `stolen_at`: since when the key is that signed it. `is_on_record` is false for a document
    that names a certificate and is not the one we keep.
    """

    verdict: Verdict
    checked_at: datetime
    token: str = ""
    fingerprint: str = ""
    certificate: Certificate | None = None
    fields: SignedFields | None = None
    expires_at: datetime | None = None
    kid: str = ""
    kid_url: str = ""
    stolen_at: datetime | None = None
    is_on_record: bool = True


def look_up(*, text: str, now: datetime) -> Report:
    """Return the report on a code, or on a link of this installation.

    `checked_at` is the minute it was checked in: every byte of an answer stays the same for
    that long, so a strong ETag is true. Raises CouldNotCheck.
    """
    checked_at = now.replace(second=0, microsecond=0)
    host, written = _split(text)
    try:
        token = tokens.read_token(written)
    except tokens.MalformedToken as error:
        return Report(verdict.unreadable(mistyped=error.mistyped), checked_at)
    with span(Span.VERIFY_PUBLIC, cache="miss") as current:
        try:
            report = _examine(token, now=now, checked_at=checked_at)
        except (DatabaseError, InterfaceError) as error:
            raise CouldNotCheck from error
        if report.certificate is not None:
            current.set_attribute("cert.certificate_id", str(report.certificate.pk))
            current.set_attribute("cert.tenant_id", report.certificate.tenant_id)
    if not _is_ours(host, report.certificate):
        return Report(verdict.unreadable(mistyped=False), checked_at)
    return report


def _examine(token: str, *, now: datetime, checked_at: datetime) -> Report:
    fingerprint = tokens.fingerprint(token, pepper=settings.TOKEN_PEPPER)
    certificate = queries.certificate_by_token(token)
    if certificate is None:
        return Report(verdict.unknown(), checked_at, token, fingerprint)
    found = proof.examine(certificate, now=now)
    expires_at = _earlier(certificate, found.fields)
    facts = Facts(
        signature=Signature(found.outcome.value),
        matches_record=found.matches_record,
        issuer_matches=found.issuer_matches,
        is_revoked=certificate.revoked_at is not None,
        is_superseded=certificate.revocation_reason == Certificate.Reason.SUPERSEDED,
        expires_at=expires_at,
        stolen_at=found.stolen_at,
        has_domain=confirmed_domain(certificate.tenant) is not None,
    )
    return Report(
        verdict=verdict.decide(facts, now=now),
        checked_at=checked_at,
        token=token,
        fingerprint=fingerprint,
        certificate=certificate,
        fields=_shown(found.fields, certificate),
        expires_at=expires_at,
        kid=found.kid,
        kid_url=found.kid_url,
        stolen_at=found.stolen_at,
    )


def _shown(fields: SignedFields | None, certificate: Certificate) -> SignedFields | None:
    """Leave out who it is where the holder shares it with nobody, unless the tenant says who."""
    if fields is None or not certificate.is_private or certificate.tenant.names_private:
        return fields
    return replace(fields, recipient_name="", grade="")


def _earlier(certificate: Certificate, fields: SignedFields | None) -> datetime | None:
    """Return the earlier end: neither an altered row nor an old signature makes it longer."""
    ends = [certificate.expires_at, fields.expires_at if fields else None]
    return min((end for end in ends if end is not None), default=None)


def _split(text: str) -> tuple[str, str]:
    """Return the host and the code of a link; a text that is no link has no host."""
    text = text.strip()
    for place in _PLACES:
        head, found, tail = text.partition(place)
        if found:
            code = tail.partition("?")[0].partition("#")[0].partition("/")[0]
            return (head.partition("//")[2] or head).lower(), code
    return "", text


def _is_ours(host: str, certificate: Certificate | None) -> bool:
    """Say whether a link points here, or to where its certificate was issued."""
    ours = {"", urlsplit(settings.BASE_URL).netloc.lower()}
    if certificate is not None:
        ours.add(urlsplit(certificate.credential_url).netloc.lower())
    return host in ours
