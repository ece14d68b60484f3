"""The story of one certificate, oldest first, for the operator who answers a question about it."""

from dataclasses import dataclass
from datetime import datetime

from certificates import announcing
from certificates.models import Artifact, Certificate
from mail.models import Email

_FILES = {
    Artifact.Format.PDF: "PDF",
    Artifact.Format.PNG: "picture",
    Artifact.Format.OPENBADGES: "Open Badge",
    Artifact.Format.BADGE_SVG: "Open Badge (SVG)",
    Artifact.Format.THUMBNAIL: "small picture",
    Artifact.Format.CARD: "picture of shared links",
}


@dataclass(frozen=True)
class Moment:
    """Something that happened to a certificate."""

    at: datetime
    what: str
    detail: str = ""


def timeline(certificate: Certificate) -> list[Moment]:
    """Return what happened to a certificate, in order."""
    completion = certificate.completion
    moments = [
        Moment(completion.completed_at, "Completed", certificate.course_version.title),
        Moment(completion.accepted_at, "Reported", f"{completion.source}, {completion.event_id}"),
        *(
            Moment(signed.created_at, "Signed", f"key {signed.kid}")
            for signed in certificate.securings.all()
        ),
        *(
            Moment(
                file.created_at,
                f"Rendered {_FILES[Artifact.Format(file.format)]}",
                f"{file.size:,} bytes",
            )
            for file in certificate.artifacts.all()
        ),
    ]
    moments += [
        Moment(case.created_at, f"Asked: {case.get_kind_display()}", case.get_state_display())
        for case in certificate.cases.all()
    ]
    if hasattr(certificate, "sharing"):
        shared = certificate.sharing
        moments.append(Moment(shared.changed_at, "Shared with", shared.get_visibility_display()))
    moments += [_letter(email) for email in announcing.letters_about(certificate)]
    if certificate.expires_at is not None:
        moments.append(Moment(certificate.expires_at, "Valid until"))
    if certificate.revoked_at is not None:
        reason = certificate.get_revocation_reason_display()
        note = f": {certificate.revocation_note}" if certificate.revocation_note else ""
        moments.append(Moment(certificate.revoked_at, "Revoked", f"{reason}{note}"))
    return sorted(moments, key=lambda moment: moment.at)


def _letter(email: Email) -> Moment:
    at = email.bounced_at or email.sent_at or email.created_at
    return Moment(at, f"E-mail: {email.get_state_display()}", email.reason)
