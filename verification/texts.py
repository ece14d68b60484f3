"""A text to a verdict: a code, a link of this installation, a signed document."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from certificates import queries, tokens
from certificates.models import Certificate
from verification import documents, verdict
from verification.lookup import Report, look_up, written_in
from verification.origins import host_of, is_ours
from verification.refusals import Refused, Why

_CREDENTIAL_PATH = "/credentials/"


def examine_text(*, text: str, now: datetime) -> Report:
    """Return the report on a code, a link of this installation or a compact JWS.

    Raises Refused and CouldNotCheck.
    """
    text = text.strip()
    if "://" in text and not documents.is_document(text):
        path = _path(text)
        host = host_of(text)
        if not is_ours(host):
            raise Refused(Why.ELSEWHERE, origin=host or "?")
        if path.startswith(_CREDENTIAL_PATH):
            return _by_id(path.removeprefix(_CREDENTIAL_PATH), now=now)
    return examine_pasted(text=text, now=now)


def examine_pasted(*, text: str, now: datetime) -> Report:
    """Return the report on what a stranger pasted: a code, a link, or a signed text.

    A link may have its signed statement behind it, as printed codes do: that must hold as well.
    """
    text = text.strip()
    if documents.is_document(text):
        return documents.examine_document(compact=text, now=now)
    link, statement = documents.split_statement(text)
    report = look_up(text=link, now=now)
    if not statement or report.certificate is None:
        return report
    return documents.held_beside(report, statement, now=now)


def one_of(texts: Sequence[str]) -> str:
    """Return the one text of several that leads to a certificate. Raises Refused."""
    # Of two that mean the same, the longer one says more: it has its statement behind it.
    meant = {name: text for text in sorted(texts, key=len) if (name := _meant(text))}
    if len(meant) > 1:
        raise Refused(Why.SEVERAL)
    for text in meant.values():
        return text
    for text in texts:
        host = host_of(text)
        if host and not is_ours(host):
            raise Refused(Why.ELSEWHERE, origin=host)
    raise Refused(Why.NO_CERTIFICATE)


def _meant(text: str) -> str:
    """Return what certificate a text means, so that two ways to write it are one; else nothing."""
    if documents.is_document(text) or f"{_CREDENTIAL_PATH}" in text:
        return text
    try:
        return tokens.read_token(written_in(text))
    except tokens.MalformedToken as error:
        return text if error.mistyped else ""


def _path(link: str) -> str:
    try:
        return urlsplit(link).path
    except ValueError as error:
        raise Refused(Why.NO_LINK) from error


def _by_id(text: str, *, now: datetime) -> Report:
    found = _certificate(text.strip("/"))
    if found is None:
        return Report(verdict.unknown(), now)
    return look_up(text=found.token, now=now)


def _certificate(text: str) -> Certificate | None:
    try:
        return queries.certificate_by_id(UUID(text))
    except ValueError:
        return None
