"""When each step of a key's life is due: told by its row and the settings, by nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from django.conf import settings

from signing.models import SigningKey

_State = SigningKey.State

# A transaction that signs ends within minutes; an hour is enough for it under any settings.
_SHORTEST_OVERLAP = timedelta(hours=1)


class What(StrEnum):
    """A step of a key's life; `compromised` is no step of the timetable."""

    PUBLISH = "publish"
    ACTIVATE = "activate"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Due:
    """A step to come. `key` is the one that moves; for PUBLISH the one that gets a successor."""

    what: What
    at: datetime
    key: SigningKey


def shortest_wait() -> timedelta:
    """Return how long a key must stand published before it signs: no cache lacks it then.

    Twice the age a cached key set may reach, so that clocks which differ by minutes do no harm.
    """
    return timedelta(seconds=2 * settings.JWKS_MAX_AGE)


def wait() -> timedelta:
    """Return how long a key stands published before it signs when nobody is in a hurry."""
    return max(shortest_wait(), timedelta(seconds=settings.KEY_PREPUBLISH))


def overlap() -> timedelta:
    """Return how long a former key keeps its private part.

    What was under way when the keys changed ends under the key it began with, and a person has
    as long as a next key waits to see that something is wrong.
    """
    return max(wait(), _SHORTEST_OVERLAP)


def ends_at(active: SigningKey) -> datetime:
    """Return when a signing key is to be replaced: at its planned end, or by its age."""
    began = active.activated_at or active.activates_at
    return active.deactivates_at or began + timedelta(seconds=settings.KEY_LIFETIME)


def publishes_next_at(active: SigningKey) -> datetime:
    """Return when the successor is published: one wait for the caches, one more in reserve.

    The reserve lets a clock that stood still for a day catch up without a late rotation.
    """
    return ends_at(active) - 2 * wait()


def destroys_at(former: SigningKey) -> datetime:
    """Return when the private part of a key that no longer signs is destroyed."""
    return (former.deactivated_at or former.activates_at) + overlap()


def steps(keys: Iterable[SigningKey]) -> list[Due]:
    """Return the steps ahead of these keys, soonest first: at most one rotation of each ring.

    A ring is the keys of one owner for one purpose.
    """
    ordered = sorted(keys, key=_ring)
    ahead = [due for _, ring in groupby(ordered, key=_ring) for due in _steps_of_ring(list(ring))]
    return sorted(ahead, key=lambda due: due.at)


def _ring(key: SigningKey) -> tuple[str, str]:
    return key.tenant_id or "", key.purpose


def _steps_of_ring(keys: list[SigningKey]) -> list[Due]:
    active = next((key for key in keys if key.state == _State.ACTIVE), None)
    waiting = next((key for key in keys if key.state == _State.NEXT), None)
    former = [key for key in keys if key.state == _State.VERIFY_ONLY]
    ahead = [Due(What.DESTROY, destroys_at(key), key) for key in former]
    if waiting is not None:
        ahead.append(Due(What.ACTIVATE, waiting.activates_at, waiting))
    elif active is not None:
        ahead.append(Due(What.PUBLISH, publishes_next_at(active), active))
    return ahead
