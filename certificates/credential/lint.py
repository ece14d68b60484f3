"""Every rule a credential must meet before it may be signed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from certificates.credential import contexts
from certificates.credential.compose import numeric_date

_SCHEMA = Path(__file__).parent / "schema" / "ob_v3p0_achievementcredential_schema.json"
_CLAIMS = frozenset({"iss", "jti", "sub", "nbf", "exp"})


class NotLinted(ValueError):
    """A credential that may not be signed, with the reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class LintedCredential:
    """Bytes that may be signed. Only `lint` makes one."""

    payload: bytes
    subject: str


def lint(claims: Mapping[str, Any]) -> LintedCredential:
    """Return the bytes to sign, or raise NotLinted with all reasons."""
    credential = {name: value for name, value in claims.items() if name not in _CLAIMS}
    reasons = [
        f"{'/'.join(map(str, error.instance_path)) or '/'}: {error.message[:300]}"
        for error in _validator().iter_errors(credential)
    ]
    if not reasons:
        reasons = [*_rules(credential), *_claim_rules(claims, credential)]
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if "null" in payload or "[]" in payload:
        # A member or only a word: the walk, which costs most of a lint, tells.
        reasons += _empty(claims, "")
    if reasons:
        raise NotLinted(reasons)
    return LintedCredential(payload.encode(), claims["sub"])


def schema() -> dict[str, Any]:
    """Return the official Open Badges 3.0 schema of an achievement credential."""
    document: dict[str, Any] = json.loads(_SCHEMA.read_bytes())
    return document


@cache
def _validator() -> Any:
    return jsonschema_rs.Draft201909Validator(schema(), validate_formats=True)


def _rules(credential: Mapping[str, Any]) -> Iterator[str]:
    """Rules of Open Badges 3.0 and VCDM 2.0 that the schema does not state."""
    context = credential["@context"]
    if context[:2] != [contexts.VC_CONTEXT, contexts.OB_CONTEXT]:
        yield "@context: the credentials context comes first, the versioned badge context second"
    if contexts.OB_EXTENSIONS not in context and "credentialSchema" in credential:
        yield f"@context: a {contexts.SCHEMA_TYPE} needs the extensions context"
    if "Profile" not in credential["issuer"].get("type", []):
        yield "issuer/type: must contain Profile"
    if not credential["issuer"].get("name"):
        yield "issuer/name: is empty"
    for name in ("validFrom", "validUntil"):
        if name in credential and "." in credential[name]:
            yield f"{name}: must be in whole seconds, as the JWT claim is"
    status = credential.get("credentialStatus")
    if status and status["id"] != f"{status['statusListCredential']}#{status['statusListIndex']}":
        yield "credentialStatus/id: must be the list's address, #, and the index"
    yield from _subject_rules(credential["credentialSubject"])


def _subject_rules(subject: Mapping[str, Any]) -> Iterator[str]:
    if not subject.get("id") or subject["id"].startswith("mailto:"):
        yield "credentialSubject/id: must be an identifier that is no e-mail address"
    for name in ("name", "description"):
        if not subject["achievement"][name].strip():
            yield f"credentialSubject/achievement/{name}: is empty"
    criteria = subject["achievement"]["criteria"]
    if not (criteria.get("id") or criteria.get("narrative")):
        yield "credentialSubject/achievement/criteria: needs an id or a narrative"


def _claim_rules(claims: Mapping[str, Any], credential: Mapping[str, Any]) -> Iterator[str]:
    """Open Badges 3.0 #jwt-verify-credential: the equalities a verifier checks."""
    expected: dict[str, Any] = {
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "sub": credential["credentialSubject"].get("id"),
        "nbf": numeric_date(credential["validFrom"]),
    }
    if "validUntil" in credential:
        expected["exp"] = numeric_date(credential["validUntil"])
    for name in sorted(_CLAIMS):
        if claims.get(name) != expected.get(name):
            yield f"{name}: must equal the credential's own member"


def _empty(value: Any, path: str) -> Iterator[str]:
    """Find null and empty arrays (Open Badges 3.0, serialisation)."""
    if value is None or value == []:
        yield f"{path}: is null or empty; leave the member out"
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _empty(member, f"{path}/{name}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _empty(item, f"{path}/{place}")
