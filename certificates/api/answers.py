"""JSON Schemas of the API's answers: in the OpenAPI document, and held to by the tests."""

from typing import Any

from certificates.models import Certificate, Completion

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_URL = {"type": "string", "format": "uri"}
_ID = {"type": "string", "format": "uuid"}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": required | (optional or {}),
    }


_FIELD_ERROR = _object(
    {"pointer": {**_TEXT, "description": "RFC 6901."}, "detail": _TEXT}, {"code": _TEXT}
)

PROBLEM = _object(
    {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    {"errors": {"type": "array", "items": _FIELD_ERROR}},
)

_LINKS = {
    "completion_id": _ID,
    "certificate_id": _ID,
    "state": {"enum": list(Completion.State.values)},
    "verify_url": _URL,
    "status_url": _URL,
}
_WARNINGS = {"type": "array", "items": _FIELD_ERROR}
_ALREADY = {"enum": ["already_certified"]}

RECEIPT = _object(_LINKS, {"note": _ALREADY, "warnings": _WARNINGS})

RECEIPTS = _object(
    {
        "results": {
            "type": "array",
            "items": {
                "oneOf": [
                    _object(
                        {
                            "index": {"type": "integer"},
                            "event_id": _TEXT,
                            "status": {"enum": [200, 202]},
                            **_LINKS,
                        },
                        {"note": _ALREADY, "warnings": _WARNINGS},
                    ),
                    _object(
                        {
                            "index": {"type": "integer"},
                            "event_id": {"description": "As it was sent, or null."},
                            "status": {"enum": [409, 422]},
                            "problem": PROBLEM,
                        }
                    ),
                ]
            },
        }
    }
)

COMPLETION = _object(
    {
        **_LINKS,
        "event_id": _TEXT,
        "reason": {**_TEXT, "description": "Why it is held or refused; else empty."},
        "note": {"enum": ["", "already_certified"]},
        "completed_at": _TIME,
        "accepted_at": _TIME,
    }
)

CERTIFICATE = _object(
    {
        "id": _ID,
        "state": {"enum": list(Certificate.State.values)},
        "token": _TEXT,
        "verify_url": _URL,
        "page_url": _URL,
        "credential_url": _URL,
        "recipient": _object({"id": _TEXT, "name": _TEXT}),
        "course": _object({"id": _TEXT, "version_id": _TEXT, "title": _TEXT}),
        "grade": _TEXT,
        "event_id": _TEXT,
        "issued_at": _TIME,
        "expires_at": _nullable(_TIME),
        "revoked_at": _nullable(_TIME),
        "revocation_reason": {"enum": [*Certificate.Reason.values, None]},
        "supersedes": _nullable(_ID),
        "superseded_by": _nullable(_ID),
        "files": {
            **_object({name: _nullable(_URL) for name in ("pdf", "png", "badge", "json", "jws")}),
            "description": "null: not made yet, held back, or not offered.",
        },
    }
)

WITHDRAWN = {
    "oneOf": [
        CERTIFICATE,
        {
            **COMPLETION,
            "description": "No certificate could be made of it and none will: state is refused.",
        },
    ]
}

CERTIFICATES = _object(
    {
        "results": {"type": "array", "items": CERTIFICATE},
        "next": _nullable(_URL),
        "previous": _nullable(_URL),
    }
)


def refusals(*statuses: int) -> dict[Any, dict[str, Any]]:
    """Return the problem answers of an operation, beside those that every one has."""
    return {(code, "application/problem+json"): PROBLEM for code in (401, 403, *statuses)}
