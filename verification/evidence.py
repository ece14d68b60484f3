"""Whatever an employer holds, to a verdict: a code, a link, a signed document, a file.

A file proves nothing by what it shows. It is good if the credential in it is on our record and
the file itself is, byte by byte, one that was made for that certificate: a page that was edited
around a good credential is an altered page.
"""

import hashlib
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from certificates import queries
from certificates.credential.contexts import CREDENTIAL_TYP, STATEMENT_TYP
from certificates.models import Artifact, Certificate, Securing
from signing import jws, verifier
from verification import lookup, reading, verdict
from verification.lookup import CouldNotCheck, Report
from verification.reading import CannotCheck

_CREDENTIAL_PATH = "/credentials/"


def examine_text(*, text: str, now: datetime) -> Report:
    """Return the report on a code, a link of this installation or a compact JWS."""
    text = text.strip()
    if "://" in text and not reading.is_document(text):
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise CannotCheck("This is no link.") from error
        if not _is_our_origin(f"{parts.scheme}://{parts.netloc}"):
            raise CannotCheck("The link leads to another service. Ask there; nothing was fetched.")
        if parts.path.startswith(_CREDENTIAL_PATH):
            return _by_id(parts.path.removeprefix(_CREDENTIAL_PATH), now=now)
    return examine_pasted(text=text, now=now)


def examine_pasted(*, text: str, now: datetime) -> Report:
    """Return the report on what a stranger pasted: a code, a link, or a signed text.

    A link may have its signed statement behind it, as printed codes do: that must hold as well.
    """
    text = text.strip()
    if reading.is_document(text):
        return examine_document(compact=text, now=now)
    link, statement = reading.split_statement(text)
    report = lookup.look_up(text=link, now=now)
    if not statement or report.certificate is None:
        return report
    try:
        return _compared(report, report.certificate, statement, STATEMENT_TYP, now)
    except (DatabaseError, InterfaceError) as error:
        raise CouldNotCheck from error


def examine_file(*, content: bytes, now: datetime) -> Report:
    """Return the report on a PDF, a picture or a signed document. Raises CannotCheck."""
    text = reading.text_of(content)
    if text is not None:
        return examine_text(text=text, now=now)
    compact = reading.document_in(content)
    if compact:
        report = examine_document(compact=compact, now=now)
        certificate = report.certificate
    else:
        certificate = _drawn_for(content)
        if certificate is None:
            return _on_paper(content, now=now)
        report = lookup.look_up(text=certificate.token, now=now)
    if certificate is None:
        return report
    is_ours = certificate.artifacts.filter(sha256=_digest(content)).exists()
    decided = verdict.compare_file(report.verdict, is_ours=is_ours)
    return _trusted_only(replace(report, verdict=decided))


def examine_document(*, compact: str, now: datetime) -> Report:
    """Return the report on a compact JWS: the certificate it names must have it on record.

    Raises CouldNotCheck.
    """
    try:
        return _examine_document(compact, now=now)
    except (DatabaseError, InterfaceError) as error:
        raise CouldNotCheck from error


def _examine_document(compact: str, *, now: datetime) -> Report:
    try:
        token = jws.parse(compact)
        named = jws.claims(token).get("jti")
    except jws.BadJws:
        return Report(verdict.unreadable(mistyped=False), now)
    found = _certificate(named.rsplit("/", 1)[-1]) if isinstance(named, str) else None
    is_statement = token.typ == STATEMENT_TYP
    if found is None or named != (str(found.pk) if is_statement else found.credential_url):
        return Report(verdict.unknown(), now)
    report = lookup.look_up(text=found.token, now=now)
    return _compared(report, found, compact, STATEMENT_TYP if is_statement else CREDENTIAL_TYP, now)


def _compared(report: Report, found: Certificate, compact: str, typ: str, now: datetime) -> Report:
    """Return the report on a signed text that is held beside a certificate's record.

    The report speaks of the newest signed form; this may be an older one, with its own signature.
    """
    checked = verifier.verify(tenant=found.tenant, compact=compact, typ=typ, now=now)
    on_record = Securing.objects.filter(certificate=found, content=compact).exists()
    if on_record and checked.outcome is not verifier.Outcome.BAD:
        decided = report.verdict
        if typ == CREDENTIAL_TYP:
            decided = verdict.compare_file(decided, is_ours=True)
        if checked.compromised_at is not None:
            decided = verdict.reattest(decided)
        return replace(report, verdict=decided)
    decided = verdict.off_record(
        signature=verdict.Signature(checked.outcome.value), stolen_at=checked.compromised_at
    )
    return _trusted_only(
        replace(report, verdict=decided, stolen_at=checked.compromised_at, is_on_record=False)
    )


def _on_paper(content: bytes, *, now: datetime) -> Report:
    """Return the report on the code in a photo. What else the photo shows proves nothing."""
    if not reading.is_picture(content):
        raise CannotCheck("The file holds no credential, and it is none that was made here.")
    report = examine_text(text=reading.code_in(content), now=now)
    return replace(report, verdict=verdict.look_at_paper(report.verdict))


def _by_id(text: str, *, now: datetime) -> Report:
    found = _certificate(text.strip("/"))
    if found is None:
        return Report(verdict.unknown(), now)
    return lookup.look_up(text=found.token, now=now)


def _certificate(text: str) -> Certificate | None:
    try:
        return queries.certificate_by_id(UUID(text))
    except ValueError:
        return None


def _drawn_for(content: bytes) -> Certificate | None:
    """Return the certificate a picture without a credential was drawn for."""
    made = Artifact.objects.filter(sha256=_digest(content)).select_related("certificate").first()
    return made.certificate if made else None


def _trusted_only(report: Report) -> Report:
    """Take away what may be shown of a certificate if the verdict does not vouch for it."""
    if report.verdict.result is verdict.Result.INVALID:
        return replace(report, certificate=None, fields=None)
    return report


def _is_our_origin(origin: str) -> bool:
    """Say whether this installation issues, or ever issued, under an origin."""
    return (
        origin == settings.BASE_URL
        or Certificate.objects.filter(credential_url__startswith=f"{origin}/").exists()
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
