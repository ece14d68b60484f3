"""Whose certificate it is: whoever reads the letters to the address on record.

The link in such a letter opens the owner's page of one certificate, for a day. It is signed and
kept nowhere, and dies with a change of the address.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from certificates import announcing, queries
from certificates.models import Certificate
from mail import letters, posting
from mail.letters import Letter
from mail.models import Email

OWNER_LINK = "owner_link"
LASTS = timedelta(days=1)
_PAUSE = timedelta(minutes=10)
_A_DAY, _MOST_A_DAY = timedelta(days=1), 5
_PURPOSE = "certificates.owner"


def ask_for_link(*, certificate: Certificate, now: datetime) -> bool:
    """Send the owner's link to the address on record; whoever asks is told the same in any case.

    Returns whether a letter goes out: not without an address, not within ten minutes of the last
    one, and not more often than five times a day.
    """
    if not certificate.recipient.email or _was_asked_lately(certificate, now):
        return False
    try:
        with transaction.atomic():
            posting.post_again(
                tenant=certificate.tenant, kind=OWNER_LINK, subject_id=certificate.pk, now=now
            )
    except IntegrityError:  # two asked at the same moment: one letter is enough
        return False
    return True


def owner_key(certificate: Certificate, *, expires_at: datetime) -> str:
    """Return what opens the owner's page until then."""
    facts = [str(certificate.pk), int(expires_at.timestamp()), _digest(certificate)]
    return _signer().sign_object(facts)


def certificate_of(key: str, *, now: datetime) -> Certificate | None:
    """Return the certificate whose owner's page a key opens; None: it opens none (any more)."""
    try:
        certificate_id, expires_at, digest = _signer().unsign_object(key)
    except (BadSignature, ValueError):
        return None
    if now >= datetime.fromtimestamp(expires_at, UTC):
        return None
    certificate = queries.certificate_by_id(UUID(certificate_id))
    if certificate is None or not hmac.compare_digest(digest, _digest(certificate)):
        return None
    return certificate


def compose_letter(certificate_id: UUID) -> Letter | str:
    """Return the letter with the link, or why none is due any more."""
    certificate = queries.certificate_by_id(certificate_id)
    if certificate is None or not certificate.recipient.email:
        return "the address was erased before the letter went out"
    asked_at = _letters(certificate).latest("copy").created_at
    key = owner_key(certificate, expires_at=asked_at + LASTS)
    return Letter(
        to=certificate.recipient.email,
        language=announcing.language_of(certificate),
        facts={
            "recipient_name": certificate.recipient_name,
            "course_title": certificate.course_version.title,
            "issuer_name": certificate.tenant.name,
            "is_sample": certificate.tenant.is_sample,
            "owner_url": settings.BASE_URL + reverse("owner_page", args=[key]),
        },
    )


def register() -> None:
    """Let mail ask here for the words' facts."""
    letters.register(OWNER_LINK, compose_letter)


def _was_asked_lately(certificate: Certificate, now: datetime) -> bool:
    lately = _letters(certificate).filter(created_at__gt=now - _A_DAY).order_by("-created_at")
    times = list(lately.values_list("created_at", flat=True)[:_MOST_A_DAY])
    return bool(times) and (len(times) == _MOST_A_DAY or times[0] > now - _PAUSE)


def _letters(certificate: Certificate) -> QuerySet[Email]:
    return Email.objects.filter(kind=OWNER_LINK, subject_id=certificate.pk)


def _digest(certificate: Certificate) -> str:
    """Return what stands for the address: keyed by the person's salt, as all their digests are."""
    address = certificate.recipient.email.strip().lower().encode()
    return hmac.digest(bytes(certificate.recipient.salt), address, hashlib.sha256).hex()[:32]


def _signer() -> Signer:
    return Signer(salt=_PURPOSE)
