"""What holders ask for and readers report, into the issuer's inbox and out of it again."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop
from rest_framework.exceptions import APIException

from certificates.models import Case, Certificate

_WHILE = timedelta(hours=1)
# Reports of one certificate, and of all of one issuer's, within that time.
_MOST_OF_ONE, _MOST_OF_ALL = 5, 200


class TooManyReports(APIException):
    """Enough was reported for now; whoever floods the inbox hides what matters in it."""

    status_code = 429
    title = gettext_noop("There are many reports just now")
    default_detail = gettext_noop(
        "The issuer has several reports already. Try again later, or write to the issuer."
    )
    headers = {"Retry-After": "3600"}


def ask(
    *,
    certificate: Certificate,
    kind: Case.Kind,
    now: datetime,
    wanted_name: str = "",
    text: str = "",
) -> bool:
    """Put a holder's request into the inbox. False: the same is asked for already."""
    _, created = Case.objects.get_or_create(
        certificate=certificate,
        kind=kind,
        state=Case.State.OPEN,
        defaults={
            "tenant_id": certificate.tenant_id,
            "wanted_name": wanted_name,
            "text": text,
            "created_at": now,
        },
    )
    return created


def report(
    *, certificate: Certificate, subject: Case.Subject, text: str, contact: str, now: datetime
) -> Case:
    """Put a reader's report into the inbox. Raises TooManyReports."""
    lately = Case.objects.filter(kind=Case.Kind.REPORT, created_at__gt=now - _WHILE)
    if (
        lately.filter(certificate=certificate).count() >= _MOST_OF_ONE
        or lately.filter(tenant=certificate.tenant_id).count() >= _MOST_OF_ALL
    ):
        raise TooManyReports
    case: Case = Case.objects.create(
        tenant_id=certificate.tenant_id,
        certificate=certificate,
        kind=Case.Kind.REPORT,
        subject=subject,
        text=text,
        contact=contact,
        created_at=now,
    )
    return case


def close(*, case: Case, state: Case.State, note: str, actor: str, now: datetime) -> bool:
    """Note what became of a request. False, and nothing changed, when it was closed already.

    `actor` is a kind and an id, such as `user:7`.
    """
    changed = Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(
        state=state, note=note, closed_by=actor, closed_at=now
    )
    case.refresh_from_db()
    return bool(changed)


def open_correction(certificate: Certificate) -> Case | None:
    """Return the correction a holder waits for."""
    return _open(certificate, Case.Kind.CORRECTION)


def open_deletion(certificate: Certificate) -> Case | None:
    """Return the deletion a holder waits for."""
    return _open(certificate, Case.Kind.DELETION)


def requests_of(certificate: Certificate) -> list[Case]:
    """Return what the holder has asked for, newest first."""
    asked = Case.objects.filter(certificate=certificate).exclude(kind=Case.Kind.REPORT)
    return list(asked.order_by("-created_at"))


def _open(certificate: Certificate, kind: Case.Kind) -> Case | None:
    found: Case | None = Case.objects.filter(
        certificate=certificate, kind=kind, state=Case.State.OPEN
    ).first()
    return found
