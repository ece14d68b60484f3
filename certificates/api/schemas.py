"""JSON Schemas of request bodies: they check the requests and stand in the OpenAPI document."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from certificates.completion import CONTROL
from certificates.models import Certificate

_TEXT = {"type": "string"}

COMPLETION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["event_id", "recipient", "course", "completed_at"],
    "properties": {
        "event_id": {**_TEXT, "description": "Yours; 1 to 128 characters, unique for ever."},
        "recipient": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "name"],
            "properties": {
                "id": {**_TEXT, "description": "Your id of the person, as text."},
                "name": {**_TEXT, "description": "As it must be printed, 1 to 200 characters."},
                "email": _TEXT,
                "language": {**_TEXT, "description": "BCP 47."},
                "did": {**_TEXT, "pattern": "^did:[a-z0-9]+:[^\\s#?]{1,400}$"},
            },
        },
        "course": {
            "type": "object",
            "additionalProperties": False,
            "required": ["version_id"],
            "properties": {"version_id": _TEXT, "id": _TEXT, "title": _TEXT},
        },
        "completed_at": {**_TEXT, "description": "RFC 3339 with an offset; not in the future."},
        "occurred_at": {**_TEXT, "description": "When you recorded it."},
        "grade": {**_TEXT, "description": "Printed as given, up to 200 characters."},
        "result": {"type": "object", "maxProperties": 20},
        "evidence": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "properties": {
                    "id": {**_TEXT, "pattern": "^https?://[^\\s]{1,500}$"},
                    "name": {**_TEXT, "maxLength": 300, "minLength": 1},
                    "description": {**_TEXT, "maxLength": 2000, "minLength": 1},
                    "narrative": {**_TEXT, "maxLength": 2000, "minLength": 1},
                    "genre": {**_TEXT, "maxLength": 100, "minLength": 1},
                },
            },
        },
        "template_id": {**_TEXT, "description": "A template of yours instead of the course's."},
        "backfill": {
            "type": "boolean",
            "description": "Old news: issued as usual, left out of the latency metric.",
        },
    },
}

COMPLETIONS: dict[str, Any] = {
    "oneOf": [COMPLETION, {"type": "array", "items": COMPLETION, "minItems": 1, "maxItems": 1000}]
}

REVOCATION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reason"],
    "properties": {
        "reason": {"enum": list(Certificate.Reason.values)},
        "note": {**_TEXT, "maxLength": 2000, "description": "For operators; never public."},
    },
}

REISSUE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reason"],
    "properties": {
        "recipient_name": _TEXT,
        "grade": {**_TEXT, "maxLength": 200},
        "reason": {**_TEXT, "minLength": 1, "maxLength": 2000},
    },
}

_SCHEMAS = {"completion": COMPLETION, "revocation": REVOCATION, "reissue": REISSUE}


def problems(schema_name: str, body: Any) -> list[dict[str, str]]:
    """Return what is wrong with a body, each with its JSON pointer (RFC 6901)."""
    found = [
        {"pointer": _pointer([*error.instance_path, *member]), "detail": error.message[:200]}
        for error in _validator(schema_name).iter_errors(body)
        for member in _members(error)
    ]
    return found or [
        {"pointer": _pointer(path), "detail": "holds a control or bidi control character"}
        for path in _controls(body)
    ]


@cache
def _validator(schema_name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(_SCHEMAS[schema_name])


def _members(error: Any) -> list[list[Any]]:
    """Point at the member itself where one is unknown or missing, not at its parent."""
    facts = error.kind.as_dict()
    if "unexpected" in facts:
        return [[name] for name in facts["unexpected"]]
    return [[facts["property"]]] if "property" in facts else [[]]


def _controls(body: Any) -> Iterator[list[Any]]:
    """Find texts with characters that are refused at every door (contract, section 5)."""
    stack: list[tuple[list[Any], Any]] = [([], body)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            if CONTROL.search(value):
                yield path
        elif isinstance(value, dict):
            if any(CONTROL.search(name) for name in value):
                yield path
            stack += [([*path, name], member) for name, member in value.items()]
        elif isinstance(value, list):
            stack += [([*path, place], item) for place, item in enumerate(value)]


def _pointer(path: list[Any]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
