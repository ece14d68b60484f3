"""What signing tells the operators: when a rotation is due, and whether a key can sign."""

from datetime import datetime

from signing import timetable
from signing.keyring import NoActiveKey
from signing.models import SigningKey

_State = SigningKey.State
# Nothing is pending: far away, so that the alert compares with a number and never goes blind.
_NEVER = 253_402_300_799.0  # the end of the year 9999


def rotation_due(*, now: datetime) -> float:  # noqa: ARG001 - every gauge is asked alike
    """Return the Unix time by which the next rotation must have happened.

    The planned end of each key that signs, and the moment each next key takes over, of every
    owner; the soonest. A rotation that fails or does not run leaves it in the past.
    """
    due = [
        key.activates_at if key.state == _State.NEXT else timetable.ends_at(key)
        for key in SigningKey.objects.filter(state__in=[_State.NEXT, _State.ACTIVE])
    ]
    return min((moment.timestamp() for moment in due), default=_NEVER)


def a_key_is_active() -> None:
    """Raise while the platform has no key that signs."""
    if not SigningKey.objects.filter(tenant=None, state=_State.ACTIVE).exists():
        raise NoActiveKey("the platform has no active key")
