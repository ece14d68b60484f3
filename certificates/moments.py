"""Moments, read and written as RFC 3339: with an offset, and nothing guessed. Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST_YEAR = 1900

# ASCII: \d alone would take the digits of every script, which RFC 3339 does not.
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def read_time(text: str) -> datetime | None:
    """Return an RFC 3339 section 5.6 date-time, or None. A leap second reads as :59."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, off_h, off_m = match.groups()
    offset = timedelta(0)
    if not zulu:
        if int(off_h) > 23 or int(off_m) > 59:  # noqa: PLR2004 - a clock's hours and minutes
            return None
        offset = timedelta(hours=int(off_h), minutes=int(off_m)) * (1 if sign == "+" else -1)
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            59 if second == "60" else int(second),
            int(f"{(fraction or '0')[:6]:0<6}"),
            tzinfo=timezone(offset),
        )
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= EARLIEST_YEAR else None


def in_utc(moment: datetime) -> str:
    """Return RFC 3339 in UTC and whole seconds."""
    return with_offset(moment.astimezone(UTC))


def with_offset(moment: datetime) -> str:
    """Return RFC 3339 in whole seconds and the moment's own offset: its day is the day there."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
