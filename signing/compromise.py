"""Withdraw a stolen key: it vanishes from every published set, and another one signs at once.

Signatures of a stolen key are as sound as before, and anybody may make more of them. So nothing
here judges a document: whoever keeps its own record of when a document was signed does.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import Error, transaction

from observability import audit
from observability.events import Event, emit
from signing import custody, rotation
from signing.models import SigningKey
from signing.signals import keys_changed

_State = SigningKey.State
_log = structlog.get_logger("signing")


class CannotWithdraw(Exception):
    """The key cannot be withdrawn as asked; the message says what to do instead."""


@dataclass(frozen=True)
class Withdrawal:
    """What was done: nothing, unless `changed`. `problems` are left for the operator to mend."""

    key: SigningKey
    since: datetime
    replacement: SigningKey | None = None
    problems: tuple[str, ...] = ()
    changed: bool = True


def find(name: str) -> SigningKey:
    """Return the key of a thumbprint or of any of its addresses. Raises CannotWithdraw."""
    thumbprint = name.strip().rstrip("/").rsplit("/", 1)[-1]
    # A NUL is a string to Python, but upsets database drivers.
    found = SigningKey.objects.filter(thumbprint=thumbprint) if thumbprint.isprintable() else None
    key = found.select_related("tenant").first() if found is not None else None
    if key is None:
        raise CannotWithdraw(
            "There is no such key. Give its thumbprint, 43 characters, or its address; "
            "the admin lists them under Signing keys."
        )
    return key


def check(key: SigningKey, *, since: datetime, reason: str, now: datetime) -> None:
    """Raise CannotWithdraw when the key cannot be withdrawn as of `since`."""
    if since > now:
        raise CannotWithdraw("The time lies in the future. Give the moment the key was stolen.")
    known = key.compromised_at if key.state == _State.COMPROMISED else None
    if known is not None and since > known:
        raise CannotWithdraw(
            f"This key is withdrawn since {known.isoformat()}. The time may only move to an "
            "earlier one: what was called untrusted stays so."
        )
    if known is not None and since < known and not reason:
        raise CannotWithdraw("Say why the time moves to an earlier one: it needs a reason.")


@transaction.atomic
def withdraw(
    *, thumbprint: str, since: datetime, reason: str, actor: str, now: datetime
) -> Withdrawal:
    """Mark a key as stolen at `since`, destroy its private part, and let another one sign.

    Repeating it changes nothing; a repeat with an earlier time moves the time. `actor` is a kind
    and an id, such as `user:7`; the reason goes into the audit chain. Neither a replacement that
    cannot be made nor a token that does not answer keeps a stolen key published: they are told
    as problems. Raises CannotWithdraw.
    """
    # The lock decides between two who withdraw the key together.
    key = SigningKey.objects.select_for_update(no_key=True).get(pk=find(thumbprint).pk)
    check(key, since=since, reason=reason, now=now)
    if key.state == _State.COMPROMISED and key.compromised_at == since:
        return Withdrawal(key, since, changed=False)
    replacement, problems = None, []
    is_new, signed = key.state != _State.COMPROMISED, key.state == _State.ACTIVE
    if signed:
        replacement = _replace(key, now=now)
        if replacement is None:
            problems.append("No other key could be made: nothing signs until rotate_keys --now.")
    _mark(key, since=since, now=now)
    _record(key, replacement, reason=reason, actor=actor, now=now)
    # Last: what a token has destroyed, no rollback brings back.
    if is_new and not _destroyed(key):
        problems.append("The private part could not be destroyed. Destroy it in its token by hand.")
    return Withdrawal(key, since, replacement, tuple(problems))


def _replace(key: SigningKey, *, now: datetime) -> SigningKey | None:
    try:
        with transaction.atomic():
            return rotation.replace_active(
                tenant=key.tenant,
                purpose=SigningKey.Purpose(key.purpose),
                trigger=SigningKey.Trigger.COMPROMISE,
                now=now,
            )
    except Error:
        raise  # the database is away, or worse: nothing can be done at all
    except Exception as error:  # noqa: BLE001 - whatever it is, the stolen key must go
        _log.error("stolen_key_not_replaced", kid=key.thumbprint, error=type(error).__name__)
        return None


def _mark(key: SigningKey, *, since: datetime, now: datetime) -> None:
    key.state, key.compromised_at, key.sealed_private = _State.COMPROMISED, since, None
    key.deactivated_at = key.deactivated_at or now
    key.destroyed_at = key.destroyed_at or now
    key.save(
        update_fields=[
            *("state", "compromised_at", "sealed_private", "deactivated_at", "destroyed_at"),
        ]
    )


def _destroyed(key: SigningKey) -> bool:
    try:
        custody.destroy(key)
    except Exception as error:  # noqa: BLE001 - a token that is away must not keep it published
        _log.error("private_part_not_destroyed", kid=key.thumbprint, error=type(error).__name__)
        return False
    return True


def _record(
    key: SigningKey, replacement: SigningKey | None, *, reason: str, actor: str, now: datetime
) -> None:
    since = key.compromised_at.isoformat() if key.compromised_at else ""
    new = replacement.thumbprint if replacement else ""
    facts = {"kid": new, "previous_kid": key.thumbprint, "compromised_at": since, "reason": reason}
    tenant_id = key.tenant_id or ""
    audit.record(
        tenant_id=tenant_id, actor=actor, event=Event.KID_ROTATED, payloads=[facts], now=now
    )
    transaction.on_commit(partial(_tell, tenant_id, key.thumbprint, since, new))


def _tell(tenant_id: str, thumbprint: str, since: str, replacement: str) -> None:
    if not replacement:  # otherwise the rotation told of it
        emit(Event.KID_ROTATED, tenant_id=tenant_id, kid="", previous_kid=thumbprint)
    _log.warning("key_withdrawn", kid=thumbprint, since=since, replacement=replacement)
    keys_changed.send_robust(sender=SigningKey)
