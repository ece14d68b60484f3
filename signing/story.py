"""The story of one key for operators: what happened to it, and what is planned."""

from dataclasses import dataclass
from datetime import datetime

from signing import timetable
from signing.models import SigningKey

_State = SigningKey.State


@dataclass(frozen=True)
class Moment:
    """Something that happened to a key, is planned, or should have happened by now."""

    at: datetime
    what: str
    standing: str = ""


def moments(key: SigningKey, *, now: datetime) -> list[Moment]:
    """Return the past of a key in order, then what is planned for it."""
    still = "" if key.compromised_at else ", goes on verifying"
    past = [
        (key.published_at, "Published"),
        (key.activated_at, "Began to sign"),
        (key.deactivated_at, f"Stopped signing{still}"),
        (key.destroyed_at, f"Private part destroyed{still}"),
        (key.compromised_at, "Stolen, as reported: what it signed from here on is invalid"),
    ]
    happened = [Moment(at, what) for at, what in past if at is not None]
    planned = [Moment(at, what, "overdue" if at < now else "planned") for at, what in _planned(key)]
    return [*sorted(happened, key=lambda moment: moment.at), *planned]


def _planned(key: SigningKey) -> list[tuple[datetime, str]]:
    match key.state:
        case _State.NEXT:
            return [(key.activates_at, "Begins to sign")]
        case _State.ACTIVE:
            end = (timetable.ends_at(key), "The next key signs in its place")
            ring = SigningKey.objects.filter(tenant=key.tenant_id, purpose=key.purpose)
            if ring.filter(state=_State.NEXT).exists():
                return [end]
            return [(timetable.publishes_next_at(key), "The next key is published"), end]
        case _State.VERIFY_ONLY:
            return [(timetable.destroys_at(key), "Private part is destroyed")]
        case _:
            return []
