"""Keys on the operators' overview: whether a rotation is late, and when the next one is."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format

from signing import timetable
from signing.models import SigningKey
from tenants.acting import Acting
from tenants.dashboard import Figure, Panel

_State = SigningKey.State


def keys_panel(who: Acting, now: datetime) -> Panel | None:
    """Return the keys that sign, the rotations that are late, and the day of the next one."""
    if not who.is_superuser or who.chosen:
        return None  # the platform's keys are the platform's business
    moving = SigningKey.objects.filter(state__in=[_State.NEXT, _State.ACTIVE])
    active = [key for key in moving if key.state == _State.ACTIVE]
    ends = sorted(timetable.ends_at(key) for key in active)
    # What failed stays due: the clock takes every step within a minute of its time.
    late = sum(end < now for end in ends)
    changelist = reverse("admin:signing_signingkey_changelist")
    return Panel(
        title="Signing keys",
        figures=[
            Figure(
                "sign now",
                len(active),
                f"{changelist}?state={_State.ACTIVE}",
                note=f"the next rotation is on {date_format(ends[0], 'j M Y')}" if ends else "",
            ),
            Figure("rotations overdue", late, f"{changelist}?state={_State.ACTIVE}", alarm=True),
        ],
    )
