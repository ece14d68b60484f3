"""The country an address is registered in, by the registries' lists or an operator's file."""

from collections.abc import Callable
from typing import Any

import maxminddb
from iptocc import country_code

from observability.user_agents import UNKNOWN


class UnreadableDatabase(Exception):
    """The file is no database of countries; the message says what is wrong with it."""


def registered(address: str) -> str:
    """Return the ISO code by the five registries, as they stood when the library was released."""
    return country_code(address) or UNKNOWN


def from_file(path: str) -> Callable[[str], str]:
    """Return a function that looks into an mmdb file. Raises UnreadableDatabase."""
    try:
        reader = maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise UnreadableDatabase(str(error)) from error

    def locate(address: str) -> str:
        try:
            found: Any = reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return UNKNOWN
        return _iso_code(found) or UNKNOWN

    return locate


def _iso_code(found: Any) -> str:
    """Return the country of a record, else the one its network is registered in."""
    for name in ("country", "registered_country"):
        part = found.get(name) if isinstance(found, dict) else None
        code = part.get("iso_code") if isinstance(part, dict) else None
        if isinstance(code, str):
            return code
    return ""
