"""Let a holder choose who may see a certificate's page and files."""

from datetime import datetime
from functools import partial

from django.db import transaction

from certificates.models import Certificate, Sharing
from certificates.signals import certificate_changed


@transaction.atomic
def share(*, certificate: Certificate, visibility: Certificate.Visibility, now: datetime) -> None:
    """Share a certificate from now on as its holder says; its verdict stays what it is."""
    sharing, _ = Sharing.objects.update_or_create(
        certificate=certificate, defaults={"visibility": visibility, "changed_at": now}
    )
    certificate.sharing = sharing
    transaction.on_commit(partial(_tell, certificate))


def inherit(*, certificate: Certificate, replaces: Certificate, now: datetime) -> None:
    """Share a corrected certificate no further than the one it takes the place of."""
    if replaces.visibility is not Certificate.Visibility.UNLISTED:
        share(certificate=certificate, visibility=replaces.visibility, now=now)


def _tell(certificate: Certificate) -> None:
    certificate_changed.send(
        sender=Certificate, certificate_id=certificate.pk, token=certificate.token
    )
