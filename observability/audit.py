"""The audit chain: append in the caller's transaction, and find the first record that is not right.

Each record holds an HMAC over the one before it, so altering, removing or moving a record shows.
Removing the last ones shows against the head; rewriting the head too needs a signed checkpoint.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction

from observability import rows
from observability.events import AUDITED, Event
from observability.models import AuditHead, AuditRecord

GENESIS = "0" * 64
_FIELDS = ("tenant_id", "sequence", "recorded_at", "actor", "event", "payload", "prev_hash", "hash")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class Wrong(StrEnum):
    """What is wrong with the first broken record."""

    ALTERED = "altered"
    DELETED = "deleted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


@dataclass(frozen=True)
class Break:
    """Where a chain breaks."""

    tenant_id: str
    sequence: int
    wrong: Wrong


def record(
    *,
    tenant_id: str,
    actor: str,
    event: Event,
    payloads: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Append one record per payload to the tenant's chain (empty: the platform's).

    Must run inside a transaction: the records stand or fall with the change they tell of.
    Payloads hold ids and keyed hashes only, so erasing a person leaves the chain valid.
    """
    if event not in AUDITED:
        raise ValueError(f"{event} is not audited")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit.record needs the transaction of the change it records")
    head = _locked_head(tenant_id)
    key, recorded_at = _key(), _text(now)
    stored_at = rows.timestamp(now)
    links: list[tuple[str | int, ...]] = []
    sequence, prev_hash = head.sequence, head.hash
    for payload in payloads:
        sequence += 1
        text = _canonical(payload)
        link = _link(key, prev_hash, tenant_id, sequence, recorded_at, actor, event, text)
        links.append((tenant_id, sequence, stored_at, actor, event, text, prev_hash, link))
        prev_hash = link
    rows.insert(model=AuditRecord, fields=_FIELDS, rows=links)
    AuditHead.objects.filter(pk=tenant_id).update(sequence=sequence, hash=prev_hash)


def verify_chain(*, tenant_id: str) -> Break | None:
    """Return the first broken record of one chain, or None when it is whole."""
    sequence, prev_hash, key = 0, GENESIS, _key()
    stored = AuditRecord.objects.filter(tenant_id=tenant_id).order_by("sequence")
    for entry in stored.values_list(*_FIELDS[1:]).iterator(chunk_size=2000):
        found, recorded_at, actor, event, payload, found_prev, found_hash = entry
        sequence += 1
        if found != sequence:
            return Break(tenant_id, sequence, Wrong.DELETED)
        if found_prev != prev_hash:
            return Break(tenant_id, sequence, Wrong.REORDERED)
        prev_hash = _link(
            key, found_prev, tenant_id, found, _text(recorded_at), actor, event, payload
        )
        if found_hash != prev_hash:
            return Break(tenant_id, sequence, Wrong.ALTERED)
    head = AuditHead.objects.filter(pk=tenant_id).first()
    if (head.sequence, head.hash) != (sequence, prev_hash) if head else sequence:
        return Break(tenant_id, sequence + 1, Wrong.TRUNCATED)
    return None


def chains() -> Iterable[str]:
    """Return the tenant ids that have a chain, the platform's empty one included."""
    heads = set(AuditHead.objects.values_list("tenant_id", flat=True))
    # A chain whose head was removed must still be looked at.
    return sorted(heads | set(AuditRecord.objects.values_list("tenant_id", flat=True).distinct()))


def _locked_head(tenant_id: str) -> AuditHead:
    locked = AuditHead.objects.select_for_update()
    head = locked.filter(pk=tenant_id).first()
    if head is None:
        AuditHead.objects.get_or_create(tenant_id=tenant_id, defaults={"hash": GENESIS})
        head = locked.get(pk=tenant_id)
    return head


def _link(key: bytes, *parts: str | int) -> str:
    return hmac.digest(key, "\n".join(map(str, parts)).encode(), hashlib.sha256).hex()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _key() -> bytes:
    # From the pepper, not from KEY_ENCRYPTION_KEY: re-wrapping the signing keys under a new one
    # must not make every chain look forged.
    return hashlib.sha256(b"audit chain|" + settings.TOKEN_PEPPER.encode()).digest()
