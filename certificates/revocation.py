"""Put certificates out of force, with a reason, for good (Bitstring Status List: final)."""

from datetime import datetime
from functools import partial

from django.db import transaction

from certificates import status_list
from certificates.attributes import event_attributes
from certificates.models import Certificate
from certificates.signals import certificate_changed
from observability import audit, metrics
from observability.events import Event, emit


@transaction.atomic
def revoke(
    *,
    certificate: Certificate,
    reason: Certificate.Reason,
    actor: str,
    now: datetime,
    note: str = "",
) -> bool:
    """Revoke a certificate. Returns False, and changes nothing, when it was revoked already.

    `note` is for operators and never public; `actor` is a kind and an id, such as `user:7`.
    """
    # The list before the certificate, as issuing takes them: no deadlock with a renewal.
    status_list.hold(list_id=certificate.status_list_id)
    changed = Certificate.objects.filter(pk=certificate.pk, revoked_at__isnull=True).update(
        revoked_at=now, revocation_reason=reason, revocation_note=note
    )
    certificate.refresh_from_db(fields=["revoked_at", "revocation_reason", "revocation_note"])
    if not changed:
        return False
    status_list.flip(entries=[(certificate.status_list_id, certificate.status_index)], now=now)
    attributes = {**event_attributes(certificate), "reason": str(reason)}
    audit.record(
        tenant_id=certificate.tenant_id,
        actor=actor,
        event=Event.CERTIFICATE_REVOKED,
        payloads=[attributes],
        now=now,
    )
    transaction.on_commit(partial(_tell, certificate, attributes))
    return True


def _tell(certificate: Certificate, attributes: dict[str, str]) -> None:
    metrics.REVOKED.labels(attributes["reason"]).inc()
    if attributes["reason"] != Certificate.Reason.SUPERSEDED:
        metrics.TENANT_REVOKED.labels(certificate.tenant_id).inc()
    emit(Event.CERTIFICATE_REVOKED, tenant_id=certificate.tenant_id, **attributes)
    certificate_changed.send(
        sender=Certificate, certificate_id=certificate.pk, token=certificate.token
    )
