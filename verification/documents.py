"""A signed document to a verdict: compact as it was signed, or as JSON beside what was signed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from certificates import queries
from certificates.credential.contexts import CREDENTIAL_TYP, STATEMENT_TYP
from certificates.credential.read import SignedFields, signed_fields
from certificates.models import Certificate, Securing
from signing import jws, verifier
from verification import verdict
from verification.comparison import CHECKS, Finding, Row
from verification.lookup import CouldNotCheck, Report, look_up
from verification.opening import Opened
from verification.origins import foreign_host
from verification.refusals import Refused, Why
from verification.verdict import Outcome

# What securing adds to a credential: a proof inside it, or the claims of a JWT around it.
_SECURING = frozenset({"proof", "iss", "jti", "sub", "nbf", "exp", "iat"})
# Where pages have places of their own: no statement is so short and plain.
_ANCHOR = re.compile(r"[a-z][a-z-]{0,30}")
_COMPARED = {
    "recipient_name": "recipient_name",
    "course_title": "achievement_name",
    "completed_on": "completed_at",
    "issued_on": "issued_at",
    "expires_on": "expires_at",
    "grade": "grade",
    "issuer_name": "issuer_name",
}


def is_document(text: str) -> bool:
    """Say whether a text means to be a compact JWS: three parts, the first a JSON object."""
    return text.count(".") == 2 and text.startswith("ey")  # noqa: PLR2004 - two dots


def examine(opened: Opened, *, now: datetime) -> Report:
    """Return the report on the document in a file. One that is not ours names whose it is."""
    if opened.document is not None:
        report = _examine_json(opened.document, now=now)
    else:
        report = examine_document(compact=opened.compact, now=now)
    if report.certificate is None and report.is_on_record and not report.token:
        return _elsewhere(opened.origins, report)
    return report


def unknown(origins: Sequence[str], *, now: datetime) -> Report:
    """Return the report on what holds no document, and may name where one is."""
    return _elsewhere(origins, Report(verdict.unknown(), now))


def examine_document(*, compact: str, now: datetime) -> Report:
    """Return the report on a compact JWS: the certificate it names must have it on record.

    Raises CouldNotCheck.
    """
    try:
        return _examine_document(compact, now=now)
    except (DatabaseError, InterfaceError) as error:
        raise CouldNotCheck from error


def trusted_only(report: Report) -> Report:
    """Take away what may be shown of a certificate if the verdict does not vouch for it."""
    if report.verdict.result is verdict.Result.INVALID:
        return replace(report, certificate=None, fields=None)
    return report


def split_statement(text: str) -> tuple[str, str]:
    """Return the link and the signed statement behind it, which may be nothing."""
    link, _, statement = text.strip().partition("#")
    return link, "" if _ANCHOR.fullmatch(statement) else statement


def held_beside(report: Report, statement: str, *, now: datetime) -> Report:
    """Return the report on a link with its signed statement behind it: that must hold as well.

    Raises CouldNotCheck.
    """
    assert report.certificate is not None  # noqa: S101 - the caller looked
    try:
        return _compared(report, report.certificate, statement, STATEMENT_TYP, now)
    except (DatabaseError, InterfaceError) as error:
        raise CouldNotCheck from error


def _examine_document(compact: str, *, now: datetime) -> Report:
    try:
        token = jws.parse(compact)
        named = jws.claims(token).get("jti")
    except jws.BadJws:
        return Report(verdict.unreadable(mistyped=False), now)
    is_statement = token.typ == STATEMENT_TYP
    found = _named(named, is_statement=is_statement)
    if found is None:
        return Report(verdict.unknown(), now)
    report = look_up(text=found.token, now=now)
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
    return trusted_only(
        replace(report, verdict=decided, stolen_at=checked.compromised_at, is_on_record=False)
    )


def _examine_json(document: Mapping[str, Any], *, now: datetime) -> Report:
    """Compare a credential, whatever proves it, with what is on record under its id."""
    if not isinstance(document.get("id"), str):
        raise Refused(Why.NOTHING_INSIDE)
    found = _named(document["id"])
    if found is None:
        return Report(verdict.unknown(), now)
    report = look_up(text=found.token, now=now)
    if report.fields is None:
        return report
    signed = jws.claims(jws.parse(queries.securing_of(found).content))
    is_same = _credential(document) == _credential(signed)
    finding = Finding.SAME_CONTENT if is_same else Finding.CONTENT_DIFFERS
    # Where the holder shares the name with nobody, no document draws it out.
    rows = () if found.is_private else _rows(document, report.fields)
    return trusted_only(
        replace(report, verdict=verdict.with_file(report.verdict, CHECKS[finding]), rows=rows)
    )


def _named(name: object, *, is_statement: bool = False) -> Certificate | None:
    """Return the certificate of a name, letter by letter.

    A credential names its address, a statement the id alone.
    """
    if not isinstance(name, str):
        return None
    try:
        found = queries.certificate_by_id(UUID(name.rsplit("/", 1)[-1]))
    except ValueError:
        return None
    if found is None:
        return None
    return found if name == (str(found.pk) if is_statement else found.credential_url) else None


def _credential(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _SECURING}


def _rows(document: Mapping[str, Any], signed: SignedFields) -> tuple[Row, ...]:
    """Return the fields side by side, where the document can be read as one of ours."""
    try:
        given = signed_fields(document)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ()
    rows = []
    for name, member in _COMPARED.items():
        own, other = _text(getattr(signed, member)), _text(getattr(given, member))
        if own or other:
            outcome = Outcome.PASSED if own == other else Outcome.FAILED
            rows.append(Row(name, own, other, outcome))
    return tuple(rows)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return str(value or "")[:120]


def _elsewhere(origins: Sequence[str], report: Report) -> Report:
    host = foreign_host(origins)
    return replace(report, verdict=verdict.elsewhere(), elsewhere=host) if host else report
