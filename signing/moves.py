"""The single moves of a key, each on condition that the key still is where it was found.

An update that finds no row raises Overtaken and takes its transaction back, so two workers never
make one move twice. A key is tried out in the very transaction that lets it sign: when it fails,
the former key goes on signing and nobody ever saw another.
"""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from observability import audit, metrics
from observability.events import Event, emit
from signing import custody, keyring, self_test, timetable
from signing.models import SigningKey
from signing.self_test import Fetch
from signing.signals import keys_changed
from tenants.models import Tenant

_State = SigningKey.State


class Overtaken(Exception):
    """Somebody else moved the keys meanwhile; nothing was changed."""


def ring(tenant: Tenant | str | None, purpose: str) -> QuerySet[SigningKey]:
    """Return the keys of one owner (None: the platform) for one purpose."""
    return SigningKey.objects.filter(tenant=tenant, purpose=purpose).select_related("tenant")


@transaction.atomic
def publish(
    *,
    tenant: Tenant | None,
    purpose: SigningKey.Purpose,
    activates_at: datetime,
    trigger: SigningKey.Trigger,
    now: datetime,
) -> SigningKey:
    """Make the next key. Raises IntegrityError where one waits already, Overtaken."""
    active = ring(tenant, purpose).filter(state=_State.ACTIVE).first()
    if active is not None:
        # Also the lock that orders us and whoever replaces this key.
        end = min(timetable.ends_at(active), activates_at)
        _move(active, _State.ACTIVE, deactivates_at=end)
    key = SigningKey.objects.create(
        **asdict(custody.make(tenant_id=tenant.pk if tenant else None, purpose=purpose)),
        tenant=tenant,
        purpose=purpose,
        state=_State.NEXT,
        trigger=trigger,
        published_at=now,
        activates_at=activates_at,
    )
    keyring.keep_present_url(key, now=now)
    tell_of_change()
    return key


@transaction.atomic
def bring_forward(
    key: SigningKey, *, activates_at: datetime, trigger: SigningKey.Trigger
) -> SigningKey:
    """Let a waiting key sign sooner."""
    active = ring(key.tenant, key.purpose).filter(state=_State.ACTIVE).first()
    if active is not None:
        end = min(timetable.ends_at(active), activates_at)
        _move(active, _State.ACTIVE, deactivates_at=end)
    _move(key, _State.NEXT, activates_at=activates_at, trigger=trigger)
    return key


@transaction.atomic
def activate(
    key: SigningKey,
    *,
    trigger: str,
    actor: str,
    now: datetime,
    fetch: Fetch = self_test.published_set,
) -> SigningKey:
    """Let a waiting key sign from now on; the former one only verifies.

    Raises Overtaken, and SelfTestFailed when nothing the key signs would verify.
    """
    previous = _previous(key)
    former = ring(key.tenant, key.purpose).filter(state=_State.ACTIVE)
    former.update(state=_State.VERIFY_ONLY, deactivated_at=now)
    _move(key, _State.NEXT, state=_State.ACTIVE, activated_at=now)
    self_test.run(key, fetch=fetch)
    facts = {"kid": key.thumbprint, "previous_kid": previous}
    tenant_id = key.tenant_id or ""
    audit.record(
        tenant_id=tenant_id, actor=actor, event=Event.KID_ROTATED, payloads=[facts], now=now
    )
    transaction.on_commit(partial(_count, tenant_id, trigger, facts))
    tell_of_change()
    return key


@transaction.atomic
def destroy(key: SigningKey, *, now: datetime) -> SigningKey:
    """Destroy the private part of a former key; the public part stays for ever."""
    _end(key, _State.VERIFY_ONLY, now=now)
    return key


@transaction.atomic
def withdraw(key: SigningKey, *, now: datetime) -> SigningKey:
    """Put a next key away that cannot sign. It was published, so its public part stays."""
    _end(key, _State.NEXT, now=now)
    return key


def tell_of_change() -> None:
    """Say, once this is committed, that what is published may have changed."""
    transaction.on_commit(partial(keys_changed.send_robust, sender=SigningKey))


def _end(key: SigningKey, state: SigningKey.State, *, now: datetime) -> None:
    _move(key, state, state=_State.DESTROYED, destroyed_at=now, sealed_private=None)
    # Last: what a token has destroyed, no rollback brings back.
    custody.destroy(key)
    tell_of_change()


def _move(key: SigningKey, found: SigningKey.State, **fields: Any) -> None:
    if SigningKey.objects.filter(pk=key.pk, state=found).update(**fields) != 1:
        raise Overtaken(f"key {key.thumbprint} is no longer {found}")
    for name, value in fields.items():
        setattr(key, name, value)


def _previous(key: SigningKey) -> str:
    """Return the thumbprint of what signed until now: the owner's last key, or the platform's."""
    for owner in dict.fromkeys([key.tenant, None]):
        signed = ring(owner, key.purpose).filter(activated_at__isnull=False)
        last = signed.order_by("-activated_at", "-pk").first()
        if last is not None:
            return last.thumbprint
    return ""


def _count(tenant_id: str, trigger: str, facts: dict[str, str]) -> None:
    metrics.KID_ROTATIONS.labels(trigger).inc()
    emit(Event.KID_ROTATED, tenant_id=tenant_id, **facts)
