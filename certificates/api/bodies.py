"""Request bodies to flat drafts, and rows to answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from certificates import addresses, files
from certificates.completion import FieldProblem
from certificates.intake import Outcome, Receipt
from certificates.models import Artifact, Certificate, Completion
from certificates.queries import artifacts_of
from certificates.tokens import format_token

POINTERS = {
    "event_id": "/event_id",
    "recipient_id": "/recipient/id",
    "recipient_name": "/recipient/name",
    "recipient_email": "/recipient/email",
    "language": "/recipient/language",
    "course_version_id": "/course/version_id",
    "course_id": "/course/id",
    "course_title": "/course/title",
    "completed_at": "/completed_at",
    "occurred_at": "/occurred_at",
    "grade": "/grade",
    "template_id": "/template_id",
    "details": "",
}


def draft_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat draft of a completion body that met its schema."""
    recipient, course = body["recipient"], body["course"]
    details = {name: body[name] for name in ("result", "evidence") if body.get(name)}
    if "did" in recipient:
        details["did"] = recipient["did"]
    return {
        "event_id": body["event_id"],
        "recipient_id": recipient["id"],
        "recipient_name": recipient["name"],
        "recipient_email": recipient.get("email", ""),
        "language": recipient.get("language", ""),
        "course_version_id": course["version_id"],
        "course_id": course.get("id", ""),
        "course_title": course.get("title", ""),
        "completed_at": body["completed_at"],
        "occurred_at": body.get("occurred_at", ""),
        "grade": body.get("grade", ""),
        "template_id": body.get("template_id", ""),
        "details": details,
        "is_backfill": body.get("backfill", False),
    }


def field_errors(problems: list[FieldProblem]) -> list[dict[str, str]]:
    """Return the errors among field problems, each with its pointer."""
    return [
        {"pointer": POINTERS[one.field], "detail": _sentence(one), "code": one.code}
        for one in problems
        if one.severity == "error"
    ]


def receipt_body(receipt: Receipt) -> dict[str, Any]:
    """Return the answer to an accepted or repeated completion."""
    completion = receipt.completion
    if completion is None:
        raise ValueError("a refused report has no row to answer with")
    body = completion_links(completion)
    if completion.answered_by_id is not None:
        body["note"] = Outcome.ALREADY_CERTIFIED.value
    warnings = [
        {"pointer": POINTERS[one.field], "detail": _sentence(one), "code": one.code}
        for one in receipt.problems
        if one.severity == "warning"
    ]
    return body | ({"warnings": warnings} if warnings else {})


def completion_links(completion: Completion) -> dict[str, Any]:
    """Return ids, state and addresses of a completion."""
    return {
        "completion_id": str(completion.pk),
        "certificate_id": str(completion.certificate_id),
        "state": completion.standing.value,
        "verify_url": addresses.verify_url(completion.token),
        "status_url": f"{settings.BASE_URL}/api/v1/completions/{completion.pk}",
    }


def completion_body(completion: Completion) -> dict[str, Any]:
    """Return where a completion stands and why."""
    return completion_links(completion) | {
        "event_id": completion.event_id,
        "reason": (completion.answered_by or completion).reason,
        "note": Outcome.ALREADY_CERTIFIED.value if completion.answered_by_id else "",
        "completed_at": completion.completed_local.isoformat(),
        "accepted_at": _time(completion.accepted_at),
    }


def certificate_body(certificate: Certificate, *, now: datetime) -> dict[str, Any]:
    """Return a certificate as the API shows it (contract, section 5)."""
    page = addresses.page_url(certificate.token)
    made = {form: f"{page}/{files.NAMES[form]}" for form in artifacts_of(certificate)}
    successor = certificate.successor
    return {
        "id": str(certificate.pk),
        "state": certificate.state(now=now).value,
        "token": format_token(certificate.token),
        "verify_url": addresses.verify_url(certificate.token),
        "page_url": page,
        "credential_url": certificate.credential_url,
        "recipient": {
            "id": certificate.recipient.external_id,
            "name": certificate.recipient_name,
        },
        "course": {
            "id": certificate.course_version.course_id,
            "version_id": certificate.course_version.version_id,
            "title": certificate.course_version.title,
        },
        "grade": certificate.grade,
        "event_id": certificate.completion.event_id,
        "issued_at": _time(certificate.issued_at),
        "expires_at": _time(certificate.expires_at),
        "revoked_at": _time(certificate.revoked_at),
        "revocation_reason": certificate.revocation_reason or None,
        "supersedes": str(certificate.supersedes_id) if certificate.supersedes_id else None,
        "superseded_by": str(successor.pk) if successor else None,
        "files": {
            "pdf": made.get(Artifact.Format.PDF),
            "png": made.get(Artifact.Format.PNG),
            "badge": made.get(Artifact.Format.OPENBADGES),
            "json": None,
            "jws": f"{page}/{files.SIGNED}",
        },
    }


def _sentence(problem: FieldProblem) -> str:
    return " ".join(filter(None, (f"{problem.detail}.", problem.remedy)))


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
