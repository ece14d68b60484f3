"""Drive keys through their lives: next, active, verify-only, private part destroyed.

`timetable` says when a step is due, `moves` takes it; here is who asks for it and what happens
when it fails.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import structlog
from django.db import Error, IntegrityError, transaction
from django.db.models import QuerySet

from signing import custody, keyring, moves, self_test, timetable
from signing.models import SigningKey
from signing.moves import Overtaken
from signing.self_test import Fetch, SelfTestFailed
from signing.timetable import Due, What
from tenants.models import Tenant

_State = SigningKey.State
_Purpose = SigningKey.Purpose
_CLOCK = "service:rotation"

_log = structlog.get_logger("signing")


class Done(StrEnum):
    """What became of a step."""

    PUBLISHED = "published"
    ACTIVATED = "activated"
    DESTROYED = "destroyed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken, or tried; `reason` tells why it was rolled back."""

    done: Done
    key: SigningKey
    reason: str = ""


@transaction.atomic
def ensure_first_key(
    *, now: datetime, purpose: SigningKey.Purpose = _Purpose.CREDENTIAL_JWS
) -> SigningKey:
    """Return the platform's active key for a purpose, made at once where there is none.

    Nobody holds a cached key set of a service that never had a key, so this one alone need not
    wait as `next`. When two processes start together the constraint lets one key in, and both
    get that one.
    """
    wanted = {"tenant": None, "purpose": purpose, "state": _State.ACTIVE}
    key, made = SigningKey.objects.filter(**wanted).first(), False
    if key is None:  # made only then: a token would keep a key that no row names
        fresh = asdict(custody.make(tenant_id=None, purpose=purpose))
        moments = {"published_at": now, "activates_at": now, "activated_at": now}
        key, made = SigningKey.objects.get_or_create(**wanted, defaults={**fresh, **moments})
    keyring.keep_present_url(key, now=now)
    if made:
        moves.tell_of_change()
    return key


def advance(
    *,
    now: datetime,
    among: QuerySet[SigningKey] | None = None,
    fetch: Fetch = self_test.published_set,
) -> list[Step]:
    """Take every step that is due and return what was done, the failures included.

    `among` narrows it to some owners or purposes. A step that fails changes nothing, is logged
    as an error and tried again by the next call; until it succeeds the gauge of due rotations
    stands in the past.
    """
    keys = SigningKey.objects.all() if among is None else among
    moving = keys.filter(state__in=[_State.NEXT, _State.ACTIVE, _State.VERIFY_ONLY])
    due = [one for one in timetable.steps(moving.select_related("tenant")) if one.at <= now]
    return [step for one in due if (step := _take(one, now=now, fetch=fetch)) is not None]


def start(
    *,
    tenant: Tenant | None,
    purpose: SigningKey.Purpose,
    wait: timedelta,
    now: datetime,
    trigger: SigningKey.Trigger = SigningKey.Trigger.MANUAL,
) -> SigningKey:
    """Publish a next key, or bring the waiting one forward; return it. It signs after `wait`.

    For a tenant without keys of its own this begins to give it some: the platform's key signs
    for it until then. A waiting key that fails its self-test is put away and another made.
    A first key that no cached key set can lack signs at once.
    Raises Overtaken when somebody else moves the same keys.
    """
    if tenant is None and _is_first_of_all(purpose):
        return ensure_first_key(now=now, purpose=purpose)
    try:
        with transaction.atomic():
            waiting = _sound_next_key(tenant, purpose, now=now)
            if waiting is None:
                return moves.publish(
                    tenant=tenant,
                    purpose=purpose,
                    activates_at=now + wait,
                    trigger=trigger,
                    now=now,
                )
            at = _sooner(waiting, wait, now=now)
            return moves.bring_forward(waiting, activates_at=at, trigger=trigger)
    except IntegrityError as error:
        raise Overtaken("somebody else published a next key just now") from error


def would_sign_at(active: SigningKey, *, now: datetime) -> datetime:
    """Return when the next key would sign if a rotation in a hurry were started now."""
    wait = timetable.shortest_wait()
    waiting = moves.ring(active.tenant, active.purpose).filter(state=_State.NEXT).first()
    return now + wait if waiting is None else _sooner(waiting, wait, now=now)


def replace_active(
    *,
    tenant: Tenant | None,
    purpose: SigningKey.Purpose,
    trigger: SigningKey.Trigger,
    now: datetime,
    actor: str = _CLOCK,
) -> SigningKey:
    """Let another key sign at once and return it: the waiting one, else a fresh one.

    For a key that must not sign any longer, so nothing is waited for: a verifier that cached the
    key set may miss a fresh key for as long as JWKS_MAX_AGE. A former key that is still active
    becomes verify-only. When somebody else replaced it meanwhile, theirs is returned.
    Raises SelfTestFailed when not even a fresh key can sign; then nothing changed.
    """
    try:
        with transaction.atomic():
            key = _sound_next_key(tenant, purpose, now=now) or moves.publish(
                tenant=tenant, purpose=purpose, activates_at=now, trigger=trigger, now=now
            )
            return moves.activate(key, trigger=trigger, actor=actor, now=now)
    except (Overtaken, IntegrityError):
        return moves.ring(tenant, purpose).get(state=_State.ACTIVE)


def _sooner(waiting: SigningKey, wait: timedelta, *, now: datetime) -> datetime:
    return min(waiting.activates_at, max(now, waiting.published_at + wait))


def _is_first_of_all(purpose: SigningKey.Purpose) -> bool:
    """Say whether the platform's key sets never held, or never hold, keys for a purpose."""
    shared = keyring.PUBLISHED if purpose in keyring.PUBLISHED else (purpose,)
    return not SigningKey.objects.filter(tenant=None, purpose__in=shared).exists()


def _sound_next_key(
    tenant: Tenant | None, purpose: SigningKey.Purpose, *, now: datetime
) -> SigningKey | None:
    """Return the waiting key; one that cannot sign is put away first."""
    waiting = moves.ring(tenant, purpose).filter(state=_State.NEXT).first()
    if waiting is None:
        return None
    try:
        self_test.run(waiting)
    except SelfTestFailed as failure:
        _log.error("next_key_withdrawn", kid=waiting.thumbprint, reason=str(failure))
        moves.withdraw(waiting, now=now)
        return None
    return waiting


def _take(due: Due, *, now: datetime, fetch: Fetch) -> Step | None:
    """Take one step; None when somebody else took it."""
    key = due.key
    takes: dict[What, tuple[Done, Callable[[], SigningKey]]] = {
        What.PUBLISH: (Done.PUBLISHED, partial(_publish_after, key, now=now)),
        What.ACTIVATE: (
            Done.ACTIVATED,
            partial(moves.activate, key, trigger=key.trigger, actor=_CLOCK, now=now, fetch=fetch),
        ),
        What.DESTROY: (Done.DESTROYED, partial(moves.destroy, key, now=now)),
    }
    done, take = takes[due.what]
    try:
        return Step(done, take())
    except (Overtaken, IntegrityError):
        return None
    except Error:
        raise  # the database is away, or worse: no step can be taken
    except Exception as error:  # noqa: BLE001 - one key's failure must not stop the others'
        reason = str(error) if isinstance(error, SelfTestFailed) else type(error).__name__
        _log.error("rotation_rolled_back", step=due.what.value, kid=key.thumbprint, reason=reason)
        return Step(Done.ROLLED_BACK, key, reason)


def _publish_after(active: SigningKey, *, now: datetime) -> SigningKey:
    return moves.publish(
        tenant=active.tenant,
        purpose=_Purpose(active.purpose),
        activates_at=max(timetable.ends_at(active), now + timetable.wait()),
        trigger=SigningKey.Trigger.SCHEDULED,
        now=now,
    )
