"""Hand out status indexes, flip them, keep the signed list current (Bitstring Status List 1.0)."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from certificates.credential import contexts, status_bits
from certificates.models import StatusList
from certificates.moments import in_utc
from signing import custody, signer
from tenants.issuer_profile import issuer_did
from tenants.models import Tenant

TTL = timedelta(minutes=5)
VALIDITY = timedelta(days=7)

# A list and an index in it.
Place = tuple[StatusList, int]


@transaction.atomic
def allocate(*, tenant: Tenant, count: int, now: datetime) -> list[Place]:
    """Return `count` fresh (list, index) pairs, none of which is handed out again.

    The list's row is locked until the transaction ends. Issuing a batch calls this before its own
    begins, so that batches of one tenant wait for each other's allocation only; indexes of a batch
    that fails stay unused. Rows that point at the list pass the lock (no_key).
    """
    places: list[Place] = []
    while len(places) < count:
        current = _open_list(tenant, now)
        room = min(count - len(places), StatusList.FULL_AT - current.allocated)
        seed = bytes(current.seed)
        places += [
            (current, status_bits.shuffled(place, size=StatusList.SIZE, seed=seed))
            for place in range(current.allocated, current.allocated + room)
        ]
        current.allocated += room
        current.save(update_fields=["allocated"])
    return places


def hold(*, list_id: int) -> None:
    """Lock a list's row until the transaction ends."""
    StatusList.objects.select_for_update(no_key=True).only("pk").get(pk=list_id)


def flip(*, entries: Sequence[tuple[int, int]], now: datetime) -> None:
    """Set bits, given as (list id, index), and sign the lists they are in again."""
    by_list: dict[int, list[int]] = {}
    for list_id, index in entries:
        by_list.setdefault(list_id, []).append(index)
    for list_id in sorted(by_list):
        status_list = StatusList.objects.select_for_update(no_key=True).get(pk=list_id)
        status_list.bits = status_bits.with_bits(bytes(status_list.bits), by_list[list_id])
        _sign(status_list, now)


def current(*, status_list: StatusList, now: datetime) -> str:
    """Return the signed list as compact JWS; sign again when half its validity is over."""
    if not _is_ageing(status_list, now):
        return status_list.signed
    try:
        with transaction.atomic():
            # Read again under its lock: a bit set since the caller read the row must stay set.
            latest: StatusList = StatusList.objects.select_for_update(no_key=True).get(
                pk=status_list.pk
            )
            if _is_ageing(latest, now):
                _sign(latest, now)
    except custody.CannotOpen:
        # The key is out of reach; the list holds every bit that was set, until its own end.
        if status_list.valid_until is None or status_list.valid_until <= now:
            raise
        return status_list.signed
    return latest.signed


def outdate(*, kid: str) -> None:
    """Let every list that a key signed be signed anew by whoever needs it first."""
    # Empty: signed before the list kept its key, so perhaps by this one.
    StatusList.objects.filter(kid__in=[kid, ""]).update(valid_until=None)


def renew(*, now: datetime) -> None:
    """Sign the outdated lists of every tenant again."""
    for outdated in StatusList.objects.filter(valid_until=None).select_related("tenant"):
        current(status_list=outdated, now=now)


def _is_ageing(status_list: StatusList, now: datetime) -> bool:
    until = status_list.valid_until
    return until is None or until - now < VALIDITY / 2


def _open_list(tenant: Tenant, now: datetime) -> StatusList:
    lists = StatusList.objects.select_for_update(no_key=True).for_tenant(tenant).order_by("-number")
    latest: StatusList | None = lists.first()
    # A list and its badges name the same issuer, so another origin opens another list.
    origin = f"{settings.BASE_URL}/"
    if latest and latest.allocated < StatusList.FULL_AT and latest.url.startswith(origin):
        return latest
    number = latest.number + 1 if latest else 1
    # The unique number decides between two who open a list together; the loser locks the row.
    StatusList.objects.bulk_create(
        [
            StatusList(
                tenant=tenant,
                number=number,
                url=f"{settings.BASE_URL}/status/{tenant.slug}/{number}",
                bits=status_bits.empty(StatusList.SIZE),
            )
        ],
        ignore_conflicts=True,
    )
    opened: StatusList = lists.get(number=number)
    if not opened.signed:
        _sign(opened, now)
    return opened


def _sign(status_list: StatusList, now: datetime) -> None:
    tenant = status_list.tenant
    document = _document(status_list, now)
    payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    signed = signer.sign(tenant=tenant, payloads=[payload], typ=contexts.STATUS_LIST_TYP, now=now)
    status_list.signed, status_list.kid = signed[0].compact, signed[0].kid
    status_list.signed_at = now
    status_list.valid_until = now + VALIDITY
    status_list.save(update_fields=["bits", "signed", "kid", "signed_at", "valid_until"])


def _document(status_list: StatusList, now: datetime) -> dict[str, Any]:
    return {
        "@context": [contexts.VC_CONTEXT],
        "id": status_list.url,
        "type": ["VerifiableCredential", contexts.STATUS_LIST_CREDENTIAL_TYPE],
        "issuer": _issuer_of(status_list),
        "validFrom": in_utc(now),
        "validUntil": in_utc(now + VALIDITY),
        "credentialSubject": {
            "id": f"{status_list.url}#list",
            "type": contexts.STATUS_LIST_TYPE,
            "statusPurpose": contexts.REVOCATION,
            "encodedList": status_bits.encode(bytes(status_list.bits)),
            "ttl": int(TTL.total_seconds() * 1000),
        },
    }


def _issuer_of(status_list: StatusList) -> str:
    """Name the issuer under the origin the list was opened with: the badges' own issuer id."""
    origin = status_list.url.split("/status/", 1)[0]
    return issuer_did(base_url=origin, slug=status_list.tenant.slug)
