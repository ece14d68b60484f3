"""Whatever an employer holds, to a verdict: a code, a link, a signed document, a file.

A file proves nothing by what it shows. It is good if the credential in it is on our record and
the file itself is, byte by byte, one that was made for that certificate: a page that was edited
around a good credential is an altered page.
"""

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import pikepdf
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from certificates import queries
from certificates.credential.baking import NotBaked, unbake
from certificates.credential.contexts import CREDENTIAL_TYP
from certificates.files import SIGNED
from certificates.models import Artifact, Certificate, Securing
from signing import jws, verifier
from verification import lookup, verdict
from verification.lookup import CouldNotCheck, Report

SIZE_LIMIT = 20 * 1024 * 1024
_PNG, _PDF = b"\x89PNG\r\n\x1a\n", b"%PDF-"
_CREDENTIAL_PATH = "/credentials/"


class CannotCheck(ValueError):
    """There is nothing here that this installation could judge. No verdict, and no good one."""


def examine_text(*, text: str, now: datetime) -> Report:
    """Return the report on a code, a link of this installation or a compact JWS."""
    text = text.strip()
    if is_document(text):
        return examine_document(compact=text, now=now)
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise CannotCheck("This is no link.") from error
        if not _is_our_origin(f"{parts.scheme}://{parts.netloc}"):
            raise CannotCheck("The link leads to another service. Ask there; nothing was fetched.")
        if parts.path.startswith(_CREDENTIAL_PATH):
            return _by_id(parts.path.removeprefix(_CREDENTIAL_PATH), now=now)
    return lookup.look_up(text=text, now=now)


def is_document(text: str) -> bool:
    """Say whether a text means to be a compact JWS: three parts, the first a JSON object."""
    return text.count(".") == 2 and text.startswith("ey")  # noqa: PLR2004 - two dots


def examine_file(*, content: bytes, now: datetime) -> Report:
    """Return the report on a PDF, a PNG or a signed document. Raises CannotCheck."""
    if len(content) > SIZE_LIMIT:
        raise CannotCheck(f"The file is larger than {SIZE_LIMIT:,} bytes.")
    if content.startswith(_PDF):
        compact = _attached(content)
    elif content.startswith(_PNG):
        compact = _baked(content)
    else:
        return examine_document(compact=_text(content), now=now)
    if compact:
        report = examine_document(compact=compact, now=now)
        certificate = report.certificate
    else:
        certificate = _drawn_for(content)
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
        named = jws.claims(jws.parse(compact)).get("jti")
    except jws.BadJws:
        return Report(verdict.unreadable(mistyped=False), now)
    found = _certificate(named.rsplit("/", 1)[-1]) if isinstance(named, str) else None
    if found is None or found.credential_url != named:
        return Report(verdict.unknown(), now)
    report = lookup.look_up(text=found.token, now=now)
    checked = verifier.verify(tenant=found.tenant, compact=compact, typ=CREDENTIAL_TYP, now=now)
    on_record = Securing.objects.filter(certificate=found, content=compact).exists()
    # The report speaks of the newest signed form; this may be an older one, with its own signature.
    if on_record and checked.outcome is not verifier.Outcome.BAD:
        decided = verdict.compare_file(report.verdict, is_ours=True)
        if checked.compromised_at is not None:
            decided = verdict.reattest(decided)
        return replace(report, verdict=decided)
    decided = verdict.off_record(
        signature=verdict.Signature(checked.outcome.value), stolen_at=checked.compromised_at
    )
    return _trusted_only(
        replace(report, verdict=decided, stolen_at=checked.compromised_at, is_on_record=False)
    )


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


def _drawn_for(content: bytes) -> Certificate:
    """Return the certificate a picture without a credential was drawn for."""
    made = Artifact.objects.filter(sha256=_digest(content)).select_related("certificate").first()
    if made is None:
        raise CannotCheck("The file holds no credential, and it is none that was made here.")
    return made.certificate


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


def _attached(pdf: bytes) -> str:
    """Return the credential attached to a PDF, or nothing."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if SIGNED not in document.attachments:
                return ""
            stream = document.attachments[SIGNED].obj["/EF"]["/F"]
            # One filter makes of so little a few megabytes; two in a row fill any memory.
            filters = stream.get("/Filter")
            several = isinstance(filters, pikepdf.Array) and len(filters) > 1
            if several or len(stream.read_raw_bytes()) > jws.MAX_LENGTH:
                raise CannotCheck("The credential in the PDF is too long.")
            return _text(stream.read_bytes())
    except (pikepdf.PdfError, pikepdf.PasswordError, KeyError, TypeError, ValueError) as error:
        raise CannotCheck(f"The PDF cannot be read: {error}") from error


def _baked(png: bytes) -> str:
    """Return the credential baked into a PNG, or nothing."""
    try:
        return unbake(png).strip()
    except NotBaked:
        return ""


def _text(content: bytes) -> str:
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise CannotCheck("This is no PDF, no PNG and no signed document.") from error
    if text.startswith("{"):
        raise CannotCheck("A JSON document without its signature cannot be checked.")
    return text


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
