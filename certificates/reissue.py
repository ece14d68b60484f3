"""Issue a corrected certificate that supersedes the old one, linked both ways."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from certificates import sharing, status_list
from certificates.awards import Awards, Changes
from certificates.issuance import prepare
from certificates.models import Certificate, Completion, Recipient
from certificates.revocation import revoke
from certificates.securing import sign_and_store
from certificates.tokens import new_token


class NotReissuable(Exception):
    """Only a certificate that stands can be superseded; the message says what to do instead."""


def reissue(
    *,
    certificate: Certificate,
    reason: str,
    actor: str,
    now: datetime,
    recipient_name: str | None = None,
    grade: str | None = None,
) -> Certificate:
    """Return the new certificate. The old one is revoked as superseded; its link says so.

    The award date stays that of the first issue. Raises NotReissuable, NotLinted or NoTemplate.
    """
    try:
        return _replace(
            certificate=certificate,
            recipient_name=recipient_name,
            grade=grade,
            reason=reason,
            actor=actor,
            now=now,
        )
    except IntegrityError as error:
        raise NotReissuable(
            "This certificate has expired and a newer one is in force. Correct the newer one."
        ) from error


@transaction.atomic
def _replace(
    *,
    certificate: Certificate,
    recipient_name: str | None,
    grade: str | None,
    reason: str,
    actor: str,
    now: datetime,
) -> Certificate:
    # The recipient's lock serialises this with intake: the award is never free in between.
    # It lets rows that point at the recipient pass (no_key): issuing inserts one, list in hand.
    recipient = Recipient.objects.select_for_update(no_key=True).get(pk=certificate.recipient_id)
    name = recipient_name or certificate.recipient_name
    if name not in recipient.names:
        recipient.names.append(name)
        recipient.save(update_fields=["names"])
    completion = Completion.objects.select_related(
        "tenant", "course_version", "course_version__template", "template"
    ).get(pk=certificate.completion_id)
    completion.recipient = recipient
    if not revoke(
        certificate=certificate,
        reason=Certificate.Reason.SUPERSEDED,
        note=reason,
        actor=actor,
        now=now,
    ):
        raise NotReissuable(
            "The certificate was withdrawn before. A withdrawal is final; report the completion "
            "again under a new event id to certify it anew."
        )
    (place,) = status_list.allocate(tenant=completion.tenant, count=1, now=now)
    replacement, linted = prepare(
        awards=Awards(tenant=completion.tenant, now=now),
        completion=completion,
        certificate_id=uuid.uuid4(),
        token=new_token(),
        status=place,
        now=now,
        changes=Changes(
            recipient_name=name,
            grade=grade if grade is not None else certificate.grade,
            awarded_at=_first_awarded_at(completion),
        ),
    )
    replacement.supersedes = certificate
    replacement.accepted_at = now
    sign_and_store(tenant=completion.tenant, certificates=[replacement], linted=[linted], now=now)
    sharing.inherit(certificate=replacement, replaces=certificate, now=now)
    return replacement


def _first_awarded_at(completion: Completion) -> datetime:
    first = completion.certificates.order_by("issued_at").values_list("issued_at", flat=True)[:1]
    moment: datetime = first.get()
    return moment
