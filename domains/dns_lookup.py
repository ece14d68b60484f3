"""Ask the domain name system, and bound how long that takes."""

from collections.abc import Callable
from typing import Any

from dns.exception import DNSException
from dns.rdatatype import RdataType
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

_SECONDS = 2.0


class Away(Exception):
    """Nobody answered, or nothing that can be relied on: neither yes nor no."""


# Each takes a name; raises Away.
AskTexts = Callable[[str], list[str]]
AskAddresses = Callable[[str], list[str]]


def texts_of(name: str, *, resolver: Resolver | None = None) -> list[str]:
    """Return the TXT records under a name, each in one piece (RFC 7208 section 3.3)."""
    records = _ask(name, RdataType.TXT, resolver)
    return [b"".join(record.strings).decode("utf-8", "replace") for record in records]


def addresses_of(name: str, *, resolver: Resolver | None = None) -> list[str]:
    """Return the addresses of a host: as DNS says, whatever this machine's own files say."""
    kinds = (RdataType.A, RdataType.AAAA)
    return [record.address for kind in kinds for record in _ask(name, kind, resolver)]


def _ask(name: str, kind: RdataType, resolver: Resolver | None) -> list[Any]:
    try:
        resolver = resolver or Resolver()
        answer = resolver.resolve(f"{name}.", kind, lifetime=_SECONDS, search=False)
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, OSError) as error:
        raise Away(f"DNS does not answer ({type(error).__name__})") from error
    return list(answer)
