"""The catalogue of events, their attributes, and the one way to emit them.

Names are the specification's, letter by letter (OBSERVABILITY-spec, section 1).
"""

from enum import StrEnum
from typing import Any

import structlog

LOGGER = "certification"
_log = structlog.get_logger(LOGGER)

_FOUR = frozenset(
    {"certificate_id", "template_id", "course_version_id", "verification_token_fingerprint"}
)


class Event(StrEnum):
    """Everything worth an operator's line."""

    CERTIFICATE_ISSUED = "certification.certificate.issued"
    CERTIFICATE_REVOKED = "certification.certificate.revoked"
    CERTIFICATE_VERIFIED = "certification.certificate.verified"
    RENDER_STARTED = "certification.render.started"
    RENDER_COMPLETED = "certification.render.completed"
    RENDER_FAILED = "certification.render.failed"
    OFFLINE_CLAIM_SUBMITTED = "certification.offline_claim.submitted"
    OFFLINE_CLAIM_VERIFIED = "certification.offline_claim.verified"
    OFFLINE_CLAIM_REJECTED = "certification.offline_claim.rejected"
    TEMPLATE_UPDATED = "certification.template.updated"
    KID_ROTATED = "certification.kid.rotated"
    VERIFY_ANOMALY = "certification.verify.anomaly"


ATTRIBUTES: dict[Event, frozenset[str]] = {
    Event.CERTIFICATE_ISSUED: _FOUR | {"source_lag", "backfill"},
    Event.CERTIFICATE_REVOKED: _FOUR | {"reason"},
    Event.CERTIFICATE_VERIFIED: _FOUR | {"result", "validity"},
    Event.RENDER_STARTED: _FOUR | {"format"},
    Event.RENDER_COMPLETED: _FOUR | {"format"},
    Event.RENDER_FAILED: _FOUR | {"format", "reason"},
    Event.OFFLINE_CLAIM_SUBMITTED: frozenset({"course_version_id", "claim_id"}),
    Event.OFFLINE_CLAIM_VERIFIED: frozenset({"course_version_id", "claim_id", "certificate_id"}),
    Event.OFFLINE_CLAIM_REJECTED: frozenset({"course_version_id", "claim_id", "reason"}),
    Event.TEMPLATE_UPDATED: frozenset({"template_id", "version"}),
    Event.KID_ROTATED: frozenset({"kid", "previous_kid"}),
    Event.VERIFY_ANOMALY: frozenset(
        {"verification_token_fingerprint", "count", "top_country", "top_ua_class"}
    ),
}

AUDITED = frozenset(
    {
        Event.CERTIFICATE_ISSUED,
        Event.CERTIFICATE_REVOKED,
        Event.CERTIFICATE_VERIFIED,
        Event.TEMPLATE_UPDATED,
        Event.KID_ROTATED,
        Event.VERIFY_ANOMALY,
    }
)


def emit(event: Event, *, tenant_id: str = "", **attributes: Any) -> None:
    """Write one log line. Attributes the catalogue does not name raise ValueError."""
    _log.info(event.value, **event_members(event, tenant_id=tenant_id, **attributes))


def event_members(event: Event, *, tenant_id: str = "", **attributes: Any) -> dict[str, Any]:
    """Return what the line of an event says. Raises ValueError like `emit`."""
    unknown = attributes.keys() - ATTRIBUTES[event]
    if unknown:
        raise ValueError(f"{event} has no attribute {', '.join(sorted(unknown))}")
    if tenant_id:
        attributes["tenant_id"] = tenant_id
    if event in AUDITED:
        attributes["audit"] = True
    return attributes
