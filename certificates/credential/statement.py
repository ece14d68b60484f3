"""What a signed QR code says of a certificate: enough to check paper by, where nothing else is.

The claims of a JWT (RFC 7519 §4): `jti` the certificate's id, `iss` the issuer's slug, whose
address lies beside the key's, `name`, `course` and `completed` as they are printed, `exp`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

_TEXTS = ("iss", "name", "course")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MEMBERS = frozenset({"jti", "completed", *_TEXTS})


class NotAStatement(ValueError):
    """Claims that say something else, or nothing that can be understood."""


@dataclass(frozen=True)
class Statement:
    """What is signed; `expires_at` in whole seconds, none where there is no end."""

    certificate_id: UUID
    issuer: str
    recipient_name: str
    course_title: str
    completed_on: date
    expires_at: datetime | None


def statement_bytes(statement: Statement) -> bytes:
    """Return the claims as JSON, as short as it can be: every byte makes the code finer."""
    claims: dict[str, str | int] = {
        "jti": str(statement.certificate_id),
        "iss": statement.issuer,
        "name": statement.recipient_name,
        "course": statement.course_title,
        "completed": statement.completed_on.isoformat(),
    }
    if statement.expires_at is not None:
        claims["exp"] = int(statement.expires_at.timestamp())
    return json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()


def read_statement(claims: Mapping[str, Any]) -> Statement:
    """Return what claims say whose signature was found good. Raises NotAStatement."""
    texts = [claims.get(name) for name in (*_TEXTS, "jti", "completed")]
    ends = claims.get("exp")
    if not claims.keys() - {"exp"} == _MEMBERS or not all(isinstance(each, str) for each in texts):
        raise NotAStatement("members")
    if ends is not None and (not isinstance(ends, int) or isinstance(ends, bool)):
        raise NotAStatement("exp")
    issuer, name, course, certificate, completed = map(str, texts)
    try:
        if not _DAY.fullmatch(completed):
            raise NotAStatement("completed")
        return Statement(
            certificate_id=UUID(certificate),
            issuer=issuer,
            recipient_name=name,
            course_title=course,
            completed_on=date.fromisoformat(completed),
            expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC),
        )
    except (ValueError, OverflowError, OSError) as error:
        raise NotAStatement(str(error)) from error
