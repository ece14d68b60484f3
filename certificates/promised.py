"""Withdraw or correct a certificate by the id it was promised under, issued already or not.

What is not issued yet is issued and changed in one transaction: so its link never says anything
but what holds in the end, and a repeated report gets the ids and addresses it got first.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from certificates import issuance
from certificates.models import Certificate, Completion, Recipient
from certificates.reissue import NotReissuable, reissue
from certificates.revocation import revoke
from certificates.tokens import fingerprint
from observability import audit, metrics
from observability.events import Event, emit
from tenants.models import Tenant

_log = structlog.get_logger("certification")


class _NotIssued(Exception):
    """There is no certificate of the promised id; the message is what the completion says."""


def is_known(*, tenant: Tenant, certificate_id: UUID) -> bool:
    """Say whether a certificate of this id was issued or promised."""
    # In the order things go: one that is issued between the two questions is found by the second.
    certificates = Certificate.objects.for_tenant(tenant).filter(pk=certificate_id)
    return _unissued(tenant, certificate_id).exists() or certificates.exists()


@transaction.atomic
def withdraw(
    *,
    tenant: Tenant,
    certificate_id: UUID,
    reason: Certificate.Reason,
    actor: str,
    now: datetime,
    note: str = "",
) -> Certificate | Completion | None:
    """Revoke a certificate and return it; None where no such one was ever promised.

    What cannot be issued, for whatever reason, is refused for good instead, and its completion
    returned: a withdrawal waits for nothing.
    """
    completion = _promised(tenant, certificate_id)
    if completion is None:
        certificate = _certificate(tenant, certificate_id)
        if certificate is not None:
            revoke(certificate=certificate, reason=reason, actor=actor, note=note, now=now)
        return certificate
    if completion.state == Completion.State.REFUSED:
        return completion
    try:
        with transaction.atomic():
            certificate = _issued(completion, now)
            revoke(certificate=certificate, reason=reason, actor=actor, note=note, now=now)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from being issued
        _log.warning("withdrawn_unissued", error=type(error).__name__)
        _refuse(completion, reason, actor, now)
        return completion
    return certificate


@transaction.atomic
def correct(
    *,
    tenant: Tenant,
    certificate_id: UUID,
    reason: str,
    actor: str,
    now: datetime,
    recipient_name: str | None = None,
    grade: str | None = None,
) -> Certificate | None:
    """Return the certificate that takes the other's place; None where no such one was promised.

    Raises NotReissuable, NotLinted or NoTemplate.
    """
    _hold_recipient(tenant, certificate_id)
    completion = _promised(tenant, certificate_id)
    try:
        certificate = (
            _certificate(tenant, certificate_id) if completion is None else _issued(completion, now)
        )
    except _NotIssued as error:
        raise NotReissuable(f"There is no certificate yet to correct: {error}") from error
    if certificate is None:
        return None
    return reissue(
        certificate=certificate,
        recipient_name=recipient_name,
        grade=grade,
        reason=reason,
        actor=actor,
        now=now,
    )


def _hold_recipient(tenant: Tenant, certificate_id: UUID) -> None:
    """Lock the recipient first, as a re-issue does: no deadlock over the status list."""
    promised = _unissued(tenant, certificate_id).values("recipient")
    list(Recipient.objects.select_for_update(no_key=True).filter(pk__in=promised).only("pk"))


def _promised(tenant: Tenant, certificate_id: UUID) -> Completion | None:
    """Return the completion a certificate is still to come of, locked: a worker waits."""
    return _unissued(tenant, certificate_id).select_for_update(of=("self",)).first()


def _unissued(tenant: Tenant, certificate_id: UUID) -> QuerySet[Completion]:
    unissued: QuerySet[Completion] = (
        Completion.objects.for_tenant(tenant)
        .filter(certificate_id=certificate_id, answered_by__isnull=True)
        .exclude(state=Completion.State.ISSUED)
    )
    return unissued


def _certificate(tenant: Tenant, certificate_id: UUID) -> Certificate | None:
    found: Certificate | None = (
        Certificate.objects.for_tenant(tenant).filter(pk=certificate_id).first()
    )
    return found


def _issued(completion: Completion, now: datetime) -> Certificate:
    issuance.issue(completion_ids=[completion.pk], now=now)
    found = _certificate(completion.tenant, completion.certificate_id)
    if found is None:
        reason = Completion.objects.values_list("reason", flat=True).get(pk=completion.pk)
        raise _NotIssued(reason)
    return found


def _refuse(completion: Completion, reason: Certificate.Reason, actor: str, now: datetime) -> None:
    """End a completion without a certificate, on the record."""
    completion.state = Completion.State.REFUSED
    completion.reason = f"Withdrawn before it was issued: {reason.label}."
    completion.save(update_fields=["state", "reason"])
    attributes = {
        "certificate_id": str(completion.certificate_id),
        "template_id": completion.template_id or "",
        "course_version_id": str(completion.course_version_id),
        "verification_token_fingerprint": fingerprint(
            completion.token, pepper=settings.TOKEN_PEPPER
        ),
        "reason": str(reason),
    }
    audit.record(
        tenant_id=completion.tenant_id,
        actor=actor,
        event=Event.CERTIFICATE_REVOKED,
        payloads=[attributes],
        now=now,
    )
    transaction.on_commit(partial(_tell, completion.tenant_id, attributes))


def _tell(tenant_id: str, attributes: dict[str, str]) -> None:
    metrics.REVOKED.labels(attributes["reason"]).inc()
    metrics.TENANT_REVOKED.labels(tenant_id).inc()
    emit(Event.CERTIFICATE_REVOKED, tenant_id=tenant_id, **attributes)
