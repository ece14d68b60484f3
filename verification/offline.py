"""Judge a signed text by a key set alone: no record, no network. Pure.

It tells that the issuer signed these words, and no more: whether they were withdrawn since is for
the service to say, and whether the paper around them was altered is for whoever reads it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates.credential.contexts import CREDENTIAL_TYP, STATEMENT_TYP
from certificates.credential.read import signed_fields
from certificates.credential.statement import NotAStatement, read_statement
from signing import jwk, jws
from verification import verdict
from verification.verdict import Signature, Verdict

_MEMBERS = ("kty", "crv", "x", "y")
_MUST = ("kid", "kty", "alg")


class NoSuchKey(Exception):
    """The key set cannot tell: it holds no key of that address."""


class BadKeySet(ValueError):
    """A text that is no JWK Set."""


@dataclass(frozen=True)
class Judgement:
    """A verdict on the signature and the end alone; `said` is there if it holds, by name."""

    verdict: Verdict
    kid_url: str = ""
    issuer_url: str = ""
    said: Mapping[str, str] | None = None


def read_key_set(text: str) -> dict[str, Mapping[str, Any]]:
    """Return the public keys of a JWK Set (RFC 7517 §5) by their addresses. Raises BadKeySet."""
    try:
        keys = json.loads(text)["keys"]
        return {key["kid"]: {name: key[name] for name in {*key, *_MUST}} for key in keys}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise BadKeySet("no JWK Set such as /.well-known/jwks.json") from error


def judge(compact: str, *, keys: Mapping[str, Mapping[str, Any]], now: datetime) -> Judgement:
    """Return what a credential or a statement is worth by these keys. Raises NoSuchKey."""
    try:
        token = jws.parse(compact)
    except jws.BadJws:
        return Judgement(verdict.unreadable(mistyped=False))
    key = keys.get(token.kid)
    if key is None:
        raise NoSuchKey(token.kid)
    try:
        payload = jws.verify(
            token,
            key=jwk.load_public({name: key[name] for name in _MEMBERS if name in key}),
            algorithm=key["alg"],
            typ=STATEMENT_TYP if token.typ == STATEMENT_TYP else CREDENTIAL_TYP,
        )
        read = _statement if token.typ == STATEMENT_TYP else _credential
        issuer_url, ends, said = read(payload, token.kid)
    except (jws.BadJws, jwk.BadKey, NotAStatement, ValueError, TypeError, LookupError):
        return Judgement(verdict.off_record(signature=Signature.BAD), kid_url=token.kid)
    return Judgement(verdict.by_signature_alone(ends, now=now), token.kid, issuer_url, said)


_Read = tuple[str, datetime | None, dict[str, str]]


def _statement(payload: Mapping[str, Any], kid: str) -> _Read:
    said = read_statement(payload)
    home = kid.partition("/keys/")[0]
    facts = {
        "certificate_id": str(said.certificate_id),
        "recipient_name": said.recipient_name,
        "achievement_name": said.course_title,
        "completed_at": said.completed_on.isoformat(),
    }
    return f"{home}/tenants/{said.issuer}", said.expires_at, _with_end(facts, said.expires_at)


def _credential(payload: Mapping[str, Any], kid: str) -> _Read:  # noqa: ARG001 - as _statement
    said = signed_fields(payload)
    facts = {
        "credential_url": said.credential_url,
        "recipient_name": said.recipient_name,
        "achievement_name": said.achievement_name,
        "issued_at": said.issued_at.isoformat(),
    }
    if said.completed_at is not None:
        facts["completed_at"] = said.completed_at.date().isoformat()
    return said.issuer_url, said.expires_at, _with_end(facts, said.expires_at)


def _with_end(facts: dict[str, str], ends: datetime | None) -> dict[str, str]:
    return facts if ends is None else facts | {"expires_at": ends.isoformat()}
