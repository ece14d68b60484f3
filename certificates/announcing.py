"""Tell people of their certificates by e-mail, where their tenant wants that."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from certificates.addresses import page_url, verify_url
from certificates.models import Certificate
from certificates.queries import certificate_by_id
from mail import letters, posting
from mail.letters import Letter
from mail.models import Email, Sender
from tenants.models import Tenant

ISSUED = "certificate_issued"


class NoAddress(Exception):
    """The platform told no e-mail address of this person."""


def announce(*, tenant: Tenant, certificates: Sequence[Certificate], now: datetime) -> None:
    """Ask for a letter to everybody with an address, in the transaction of the issue."""
    if not Sender.objects.filter(tenant=tenant, tells_recipients=True).exists():
        return
    told = [one.pk for one in certificates if one.recipient.email]
    posting.post(tenant=tenant, kind=ISSUED, subject_ids=told, now=now)


def announce_again(*, certificate: Certificate, now: datetime) -> Email:
    """Ask for a further letter, whatever the tenant's rule. Raises NoAddress."""
    if not certificate.recipient.email:
        raise NoAddress("The platform reported no e-mail address of this person.")
    return posting.post_again(
        tenant=certificate.tenant, kind=ISSUED, subject_id=certificate.pk, now=now
    )


def letters_about(certificate: Certificate) -> list[Email]:
    """Return what was written about a certificate, oldest first."""
    return list(Email.objects.filter(kind=ISSUED, subject_id=certificate.pk).order_by("copy"))


def compose_letter(certificate_id: UUID) -> Letter | str:
    """Return the letter about a certificate as it stands now, or why none is due any more."""
    certificate = certificate_by_id(certificate_id)
    if certificate is None:
        return "the certificate is gone"
    if certificate.revoked_at is not None:
        return "the certificate was revoked before the letter went out"
    if not certificate.recipient.email:
        return "the address was erased before the letter went out"
    return Letter(
        to=certificate.recipient.email,
        language=language_of(certificate),
        facts={
            "recipient_name": certificate.recipient_name,
            "course_title": certificate.course_version.title,
            "issuer_name": certificate.tenant.name,
            "is_corrected": certificate.supersedes_id is not None,
            "is_sample": certificate.tenant.is_sample,
            "page_url": page_url(certificate.token),
            "verify_url": verify_url(certificate.token),
        },
    )


def language_of(certificate: Certificate) -> str:
    """Return the language we write that is nearest to the person's own, else to the course's."""
    spoken = dict(settings.LANGUAGES)
    own = (certificate.completion.language, certificate.course_version.language)
    for wanted in own:
        for candidate in (wanted.lower(), wanted.lower().split("-")[0]):
            if candidate in spoken:
                return candidate
    return settings.LANGUAGE_CODE


def register() -> None:
    """Let mail ask here for the words' facts."""
    letters.register(ISSUED, compose_letter)
