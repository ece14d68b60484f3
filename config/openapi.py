"""The public addresses in the OpenAPI document, beside the API that describes itself."""

import re
from typing import Any

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_JSON = {"application/json": {"schema": {"type": "object"}}}
_LINKED = {"application/ld+json": {"schema": {"type": "object"}}}
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_HTML = {"text/html": {"schema": {"type": "string"}}}
_JWT = {"schema": {"type": "string", "description": "Compact JWS."}}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"application/pdf": _BYTES, "image/png": _BYTES, "text/plain": _JWT}
_SIGNED = {"text/plain": _JWT, "application/vc+jwt": _JWT, "application/jwt": _JWT}


def _answer(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": content}


_BOX: dict[str, Any] = {
    "type": "object",
    "properties": {"code": {"type": "string", "description": "A code, or a link of ours."}},
}
_BOX_WITH_FILE = {
    "type": "object",
    "properties": {
        **_BOX["properties"],
        "file": {
            "type": "string",
            "format": "binary",
            "description": "PDF, badge (PNG, SVG), signed document, JSON, photo of a QR code.",
        },
    },
}
_REPORT = {
    "type": "object",
    "required": ["m", "v", "p", "n"],
    "additionalProperties": False,
    "properties": {
        "m": {"enum": ["LCP", "INP", "CLS"]},
        "v": {"type": "number", "minimum": 0, "exclusiveMaximum": 60000},
        "p": {"enum": ["learner_certificate", "verifier"]},
        "n": {"type": "string", "description": "How the page came to be shown."},
    },
}
_GONE = {"404": _answer("There is no such thing.", _PROBLEM | _HTML)}
_VERDICT = _HTML | {"application/json": {"schema": {"$ref": "#/components/schemas/Verdict"}}}
_VERDICTS = {
    "200": _answer("Known: issued or revoked.", _VERDICT),
    "400": _answer("Mistyped, altered or forged.", _VERDICT),
    "404": _answer("Well formed, but unknown.", _VERDICT),
    "503": _answer("Could not be checked now.", _PROBLEM | _HTML),
}
_REFUSALS = {
    "413": _answer("The file is too large.", _PROBLEM | _HTML),
    "415": _answer("No kind of file that can be checked.", _PROBLEM | _HTML),
}
_KEY_SET = {"200": _answer("The key set.", {"application/jwk-set+json": {}})} | _GONE
_DID = {"200": _answer("The DID document.", {"application/did+json": {}})} | _GONE

# Path, what it answers, answers by status; {names} are path parameters.
_PUBLIC: list[tuple[str, str, dict[str, Any]]] = [
    ("/", "What this is, and the box to verify with", {"200": _answer("A page.", _HTML)}),
    ("/verify", "The box for a code, a link or a file", {"200": _answer("A page.", _HTML)}),
    ("/verify/{token}", "The verdict on a certificate", _VERDICTS),
    (
        "/certificates/{token}",
        "The learner's page",
        {"200": _answer("The page.", _HTML)} | _GONE,
    ),
    (
        "/certificates/{token}/owner",
        "The form that sends the holder the link to the owner's page",
        {"200": _answer("The form.", _HTML)} | _GONE,
    ),
    (
        "/certificates/{token}/qr.svg",
        "The verify link as a QR code",
        {"200": _answer("A picture.", {"image/svg+xml": _BYTES})} | _GONE,
    ),
    (
        "/owner/{key}",
        "The owner's page, opened by the link from a letter",
        {"200": _answer("The page.", _HTML), "404": _answer("The link has expired.", _HTML)},
    ),
    (
        "/embed/{token}",
        "A small card that other sites may show in a frame",
        {
            "200": _answer("The card.", _HTML),
            "404": _answer("There is nothing to show.", _HTML),
        },
    ),
    (
        "/verify/{token}/report",
        "The form that reports a problem to the issuer",
        {"200": _answer("The form.", _HTML)} | _GONE,
    ),
    (
        "/certificates/{token}/{name}",
        "A PDF, PNG, SVG or JWS: certificate.pdf, certificate-letter.pdf, badge.svg, ...",
        {
            "200": _answer("The file.", _FILE),
            "503": _answer("Being made; Retry-After says when to ask again.", _PROBLEM),
        }
        | _GONE,
    ),
    (
        "/certificates/{token}/{digest}/{name}",
        "The same file at an immutable address",
        {"200": _answer("The file.", _FILE)} | _GONE,
    ),
    (
        "/credentials/{credential_id}",
        "The signed credential",
        {"200": _answer("VC-JWT.", _SIGNED)} | _GONE,
    ),
    (
        "/status/{slug}/{number}",
        "A signed Bitstring Status List",
        {"200": _answer("VC-JWT.", {"application/vc+jwt": _JWT})} | _GONE,
    ),
    (
        "/achievements/{achievement_id}",
        "What was achieved, as Open Badges 3.0 writes it",
        {"200": _answer("The Achievement.", _LINKED | _HTML)} | _GONE,
    ),
    (
        "/tenants/{slug}",
        "The issuer's profile",
        {"200": _answer("The Profile.", _LINKED | _HTML)} | _GONE,
    ),
    (
        "/tenants/{slug}/mark.png",
        "The issuer's mark",
        {"200": _answer("A picture.", {"image/png": _BYTES})} | _GONE,
    ),
    ("/.well-known/jwks.json", "The platform's keys", _KEY_SET),
    ("/tenants/{slug}/jwks.json", "Every key valid for a tenant", _KEY_SET),
    ("/.well-known/did.json", "The platform's DID document", _DID),
    ("/tenants/{slug}/did.json", "A tenant's DID document", _DID),
    (
        "/keys/{thumbprint}",
        "One key, for ever",
        {
            "200": _answer("The key.", {"application/jwk+json": {}}),
            "410": _answer("Compromised; the problem names the time.", _PROBLEM),
        }
        | _GONE,
    ),
    ("/livez", "Is the process alive?", {"200": _answer("Yes.", _TEXT)}),
    (
        "/readyz",
        "Are database, keys and migrations ready?",
        {"200": _answer("Yes.", _JSON), "503": _answer("No, and what is not.", _JSON)},
    ),
    (
        "/metrics",
        "Prometheus metrics; needs the metrics token",
        {
            "200": _answer("Metrics.", _TEXT),
            "401": _answer("No or a wrong token.", {}),
        },
    ),
    (
        "/api/schema/",
        "This document",
        {"200": _answer("OpenAPI.", {"application/vnd.oai.openapi": {}, "application/json": {}})},
    ),
]

_TEXT_FIELD = {"type": "string", "maxLength": 2000}
_REFUSED = {"400": _answer("The form again, with what is missing.", _HTML)}
# What the forms of pages send: path to summary, fields and answers.
_FORMS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "/certificates/{token}/owner": (
        "Send the owner's link to the address on record, if there is one",
        {"type": "object"},
        {"200": _answer("The same whether or not there is an address.", _HTML)},
    ),
    "/owner/{key}": (
        "Choose who may see the certificate, or ask for a correction or deletion",
        {
            "type": "object",
            "required": ["act"],
            "properties": {
                "act": {"enum": ["share", "correction", "deletion"]},
                "visibility": {"enum": ["public", "unlisted", "private"]},
                "wanted_name": {"type": "string"},
                "is_meant": {"type": "string"},
                "text": _TEXT_FIELD,
            },
        },
        {"303": {"description": "Done; the page says so."}, **_REFUSED},
    ),
    "/verify/{token}/report": (
        "Report a problem to the issuer",
        {
            "type": "object",
            "required": ["subject", "text"],
            "properties": {
                "subject": {"enum": ["wrong", "misused", "forged", "other"]},
                "text": _TEXT_FIELD,
                "contact": {"type": "string", "format": "email"},
            },
        },
        {
            "200": _answer("The issuer has it.", _HTML),
            "429": _answer("Many were reported just now.", _PROBLEM | _HTML),
            **_REFUSED,
        },
    ),
}


def add_public_addresses(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add what plain views answer (a drf-spectacular postprocessing hook)."""
    from certificates.api.answers import PROBLEM  # noqa: PLC0415 - models must be loaded

    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, summary, responses in _PUBLIC:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        operation: dict[str, Any] = {
            "operationId": "get" + re.sub(r"[^a-z_]+", "_", path).rstrip("_"),
            "summary": summary,
            "tags": ["public"],
            "security": [{}],
            "responses": responses,
        }
        if names:
            operation["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in names
            ]
        result["paths"][path] = {"get": operation}
    result["paths"]["/verify"]["post"] = {
        "operationId": "post_verify",
        "summary": "The verdict on what was put into the box",
        "tags": ["public"],
        "security": [{}],
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {"schema": _BOX},
                "multipart/form-data": {"schema": _BOX_WITH_FILE},
            }
        },
        "responses": _VERDICTS | _REFUSALS,
    }
    result["paths"]["/rum"] = {
        "post": {
            "operationId": "post_rum",
            "summary": "How fast a page was, as the script of our own pages reports it",
            "tags": ["public"],
            "security": [{}],
            "requestBody": {"content": {"text/plain": {"schema": _REPORT}}},
            "responses": {
                "204": {"description": "Taken; or dropped, of a program or one of too many."},
                "400": {"description": "No report, or from another site."},
            },
        }
    }
    for path, (summary, body, answer) in _FORMS.items():
        result["paths"][path]["post"] = {
            **result["paths"][path]["get"],
            "operationId": "post" + re.sub(r"[^a-z_]+", "_", path).rstrip("_"),
            "summary": summary,
            "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": body}}},
            "responses": answer | _GONE,
        }
    return result
