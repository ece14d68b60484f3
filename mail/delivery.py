"""Hand one letter to the mail server, and write down how that went."""

import contextlib
import hashlib
import hmac
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

from mail import letters
from mail.letters import Letter
from mail.models import Email, Sender, Suppression
from observability import metrics
from observability.redaction import redact

_LONGEST_REASON = 200
_REFUSED_FOR_GOOD = 500  # replies of 5xx (RFC 5321 section 4.2.1)


def send(*, email_id: UUID | str, now: datetime) -> None:
    """Send a letter that waits. Raises what the mail server's failure raises: try again later.

    A process killed between the server's yes and our note sends the letter twice, under one
    Message-ID, which mail programs show once.
    """
    email = Email.objects.select_related("tenant").get(pk=email_id)
    if email.state not in {Email.State.QUEUED, Email.State.FAILED}:
        return  # given up, it goes when an operator sends its message again
    letter = letters.compose(kind=email.kind, subject_id=email.subject_id)
    if isinstance(letter, str):
        _drop(email, letter)
    elif is_suppressed(tenant_id=email.tenant_id, address=letter.to):
        _drop(email, "the address refused an earlier letter")
    else:
        _hand_over(email, letter, now)


def message_id(email: Email) -> str:
    """Return the Message-ID of a letter: the way back from a bounce to its row."""
    return f"<{email.pk}@{urlsplit(settings.BASE_URL).hostname}>"


def address_digest(*, tenant_id: str, address: str) -> str:
    """Return what stands for an address in the suppression list: HMAC-SHA256, hex."""
    words = f"mail|{tenant_id}|{address.strip().lower()}"
    return hmac.new(settings.TOKEN_PEPPER.encode(), words.encode(), hashlib.sha256).hexdigest()


def is_suppressed(*, tenant_id: str, address: str) -> bool:
    """Say whether a tenant must not write to an address any more."""
    digest = address_digest(tenant_id=tenant_id, address=address)
    return Suppression.objects.filter(tenant=tenant_id, address_digest=digest).exists()


def suppress(*, tenant_id: str, address: str, reason: str, now: datetime) -> None:
    """Write to an address no more."""
    Suppression.objects.get_or_create(
        tenant_id=tenant_id,
        address_digest=address_digest(tenant_id=tenant_id, address=address),
        defaults={"reason": reason, "created_at": now},
    )


def _hand_over(email: Email, letter: Letter, now: datetime) -> None:
    message = _message(email, letter)
    message.connection = server = get_connection()
    try:
        message.send()
    except OSError as error:  # SMTPException is one
        if not _is_refused_for_good(error):
            why = redact(f"{type(error).__name__}: {error}")[:_LONGEST_REASON]
            Email.objects.filter(pk=email.pk).update(reason=why)
            raise
        suppress(tenant_id=email.tenant_id, address=letter.to, reason="refused", now=now)
        Email.objects.filter(pk=email.pk).update(
            state=Email.State.BOUNCED, bounced_at=now, reason="the mail server refused the address"
        )
        metrics.MAIL.labels("bounced").inc()
        return
    finally:
        with contextlib.suppress(OSError):
            server.close()  # Django leaves it open where TLS was refused
    # A provider may tell that it came back before we write down that it went.
    going = Email.objects.filter(pk=email.pk, bounced_at__isnull=True)
    if not going.update(state=Email.State.SENT, sent_at=now, reason=""):
        Email.objects.filter(pk=email.pk).update(sent_at=now)
    metrics.MAIL.labels("sent").inc()


def _is_refused_for_good(error: OSError) -> bool:
    """Say whether it is the address that the server will never take letters for."""
    return isinstance(error, SMTPRecipientsRefused) and all(
        code >= _REFUSED_FOR_GOOD for code, _ in error.recipients.values()
    )


def _message(email: Email, letter: Letter) -> EmailMultiAlternatives:
    wording = letters.word(letter, kind=email.kind)
    sender = Sender.objects.filter(tenant=email.tenant_id).first()
    name = sender.name if sender else email.tenant.name
    address = (sender.address if sender else "") or settings.DEFAULT_FROM_EMAIL
    reply_to = (sender.reply_to if sender else "") or email.tenant.email
    message = EmailMultiAlternatives(
        subject=wording.subject,
        body=wording.text,
        from_email=sanitize_address((name, address), "utf-8"),
        to=[letter.to],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": message_id(email),
            "Content-Language": letter.language,
            "Auto-Submitted": "auto-generated",  # RFC 3834 section 5: no holiday replies, please
        },
    )
    message.attach_alternative(wording.html, "text/html")
    return message


def _drop(email: Email, reason: str) -> None:
    Email.objects.filter(pk=email.pk).update(state=Email.State.DROPPED, reason=reason)
    metrics.MAIL.labels("dropped").inc()
