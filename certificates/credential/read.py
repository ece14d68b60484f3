"""The fields people are shown, read from what was signed and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SignedFields:
    """What a signed credential says, for pages and comparisons."""

    credential_url: str
    recipient_name: str
    achievement_name: str
    achievement_url: str
    achievement_version: str
    course_id: str
    language: str
    issuer_id: str
    issuer_name: str
    issuer_url: str
    completed_at: datetime | None
    issued_at: datetime
    expires_at: datetime | None
    grade: str


def signed_fields(payload: Mapping[str, Any]) -> SignedFields:
    """Return the fields of a payload this service signed."""
    subject = payload["credentialSubject"]
    achievement = subject["achievement"]
    issuer = payload["issuer"]
    names = [i["identityHash"] for i in subject["identifier"] if i["identityType"] == "name"]
    results = subject.get("result", [])
    return SignedFields(
        credential_url=payload["id"],
        recipient_name=names[0],
        achievement_name=achievement["name"],
        achievement_url=achievement["id"],
        achievement_version=achievement.get("version", ""),
        course_id=achievement.get("humanCode", ""),
        language=achievement.get("inLanguage", ""),
        issuer_id=issuer["id"],
        issuer_name=issuer["name"],
        issuer_url=issuer["url"],
        completed_at=_moment(subject.get("activityEndDate")),
        issued_at=datetime.fromisoformat(payload["validFrom"]),
        expires_at=_moment(payload.get("validUntil")),
        grade=results[0]["value"] if results else "",
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
