"""Facts of an award to the unsigned Open Badges 3.0 credential (standards, sections 1 and 3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from certificates.credential import contexts
from certificates.moments import in_utc, with_offset


@dataclass(frozen=True, kw_only=True)
class Achieved:
    """What was achieved: the same for everybody who did it."""

    url: str
    name: str
    description: str
    version: str
    course_id: str
    criteria: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Award:
    """Everything a credential says. Times are aware; `valid_from` in whole seconds."""

    achieved: Achieved
    credential_url: str
    issuer: Mapping[str, Any]
    subject_id: str
    recipient_name: str
    email: str
    email_salt: str
    completed_at: datetime
    valid_from: datetime
    awarded_at: datetime
    valid_until: datetime | None
    grade: str
    status_list_url: str
    status_index: int
    evidence: list[Mapping[str, Any]] = field(default_factory=list)


def compose(award: Award) -> dict[str, Any]:
    """Return the credential, unsigned and without the claims of the JWT form."""
    credential: dict[str, Any] = {
        "@context": [contexts.VC_CONTEXT, contexts.OB_CONTEXT, contexts.OB_EXTENSIONS],
        "id": award.credential_url,
        "type": contexts.CREDENTIAL_TYPES,
        "name": award.achieved.name,
        "issuer": dict(award.issuer),
        "validFrom": in_utc(award.valid_from),
        "awardedDate": in_utc(award.awarded_at),
        "credentialSubject": _subject(award),
        "credentialStatus": {
            "id": f"{award.status_list_url}#{award.status_index}",
            "type": contexts.STATUS_ENTRY_TYPE,
            "statusPurpose": contexts.REVOCATION,
            "statusListIndex": str(award.status_index),
            "statusListCredential": award.status_list_url,
        },
        "credentialSchema": [{"id": contexts.OB_SCHEMA, "type": contexts.SCHEMA_TYPE}],
    }
    if award.valid_until is not None:
        credential["validUntil"] = in_utc(award.valid_until)
    if award.evidence:
        credential["evidence"] = [{**item, "type": ["Evidence"]} for item in award.evidence]
    return credential


def add_claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of the JWT form: the credential with its registered claims.

    Open Badges 3.0 #jwt-proof: each claim repeats a member, and verifiers compare them.
    """
    claims: dict[str, Any] = {
        **credential,
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "sub": credential["credentialSubject"]["id"],
        "nbf": numeric_date(credential["validFrom"]),
    }
    if "validUntil" in credential:
        claims["exp"] = numeric_date(credential["validUntil"])
    return claims


def achievement(achieved: Achieved, *, graded: bool) -> dict[str, Any]:
    """Return the Achievement: what had to be done; `graded` adds what its grades mean."""
    document: dict[str, Any] = {
        "id": achieved.url,
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": achieved.name,
        "description": achieved.description,
        "criteria": {"narrative": achieved.criteria},
        "humanCode": achieved.course_id,
        "version": achieved.version,
        "inLanguage": achieved.language,
    }
    if graded:
        document["resultDescription"] = [
            {
                "id": f"{achieved.url}#grade",
                "type": ["ResultDescription"],
                "name": "Grade",
                "resultType": "Result",
            }
        ]
    return document


def numeric_date(text: str) -> int:
    """Return an RFC 3339 time as seconds since 1970 (RFC 7519 NumericDate)."""
    return int(datetime.fromisoformat(text).timestamp())


def email_hash(award: Award) -> str:
    """Return the salted digest that lets whoever knows the address recognise it."""
    return hashlib.sha256((award.email.lower() + award.email_salt).encode()).hexdigest()


def _subject(award: Award) -> dict[str, Any]:
    identifiers: list[dict[str, Any]] = [
        {
            "type": "IdentityObject",
            "hashed": False,
            "identityHash": award.recipient_name,
            "identityType": "name",
        }
    ]
    if award.email:
        identifiers.append(
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": f"sha256${email_hash(award)}",
                "identityType": "emailAddress",
                "salt": award.email_salt,
            }
        )
    subject: dict[str, Any] = {
        "id": award.subject_id,
        "type": ["AchievementSubject"],
        "activityEndDate": with_offset(award.completed_at),
        "identifier": identifiers,
        "achievement": achievement(award.achieved, graded=bool(award.grade)),
    }
    if award.grade:
        subject["result"] = [
            {
                "type": ["Result"],
                "resultDescription": f"{award.achieved.url}#grade",
                "value": award.grade,
            }
        ]
    return subject
