"""Issue completions together with others that wait: one transaction for what has gathered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from certificates import issuance
from certificates.models import Completion

# So many in one transaction cost little more than one.
FEW = 50
LATELY = timedelta(seconds=10)

_log = structlog.get_logger("certificates")


def issue(*, completion_ids: Sequence[UUID | str], now: datetime, alone: bool = False) -> None:
    """Issue these completions, and with a few of them others of their tenant that wait.

    Where completions come one at a time, and quicker than one at a time can be issued, whoever is
    first clears what has gathered; the messages of the others find nothing left to do. `alone`:
    they failed before, perhaps by what was beside them.
    """
    gathers = len(completion_ids) < FEW and not alone
    beside = _waiting_beside(completion_ids, now=now) if gathers else []
    if beside:
        try:
            issuance.issue(completion_ids=[*completion_ids, *beside], now=now)
        except Exception:  # noqa: BLE001 - it is logged, and these are tried without the others
            # Whatever is wrong with one beside them, it has a message of its own.
            _log.exception("gathered_in_vain", completions=len(beside))
        else:
            return
    issuance.issue(completion_ids=completion_ids, now=now)


def _waiting_beside(completion_ids: Sequence[UUID | str], *, now: datetime) -> list[UUID]:
    """Return some completions of the same tenant that came just now and that nobody is issuing.

    What has waited longer may be what kills whoever issues it: that goes by its own message.
    """
    waiting = Completion.objects.filter(
        tenant=issuance.undecided(completion_ids).values("tenant")[:1],
        accepted_at__gt=now - LATELY,
        state=Completion.State.ACCEPTED,
        answered_by__isnull=True,
    ).exclude(pk__in=completion_ids)
    with transaction.atomic():
        free = waiting.select_for_update(skip_locked=True, no_key=True)
        return list(free.values_list("pk", flat=True)[:FEW])
