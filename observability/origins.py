"""What is kept of where a visitor comes from: a country and a class of program, nothing else."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, NamedTuple

from observability.user_agents import UNKNOWN, classify

Network = IPv4Network | IPv6Network

_MAPPED = "::ffff:"  # an IPv4 address, as a socket of both kinds writes it
# More proxies than anybody has; what stands further left is whatever the visitor wrote.
_MOST_HOPS = 16
_MOST_PEERS = 1_000


class Origin(NamedTuple):
    """The country is an ISO 3166 code or `unknown`, of the address's registration.

    `is_private`: the browser asked not to be tracked (DNT, Global Privacy Control), so it is
    counted, and never beside one certificate.
    """

    country: str = UNKNOWN
    ua_class: str = UNKNOWN
    is_private: bool = False


class Origins:
    """Tells origins by what the settings say of proxies, and by where addresses are registered."""

    def __init__(
        self,
        *,
        locate: Callable[[str], str],
        proxies: Sequence[Network] = (),
        country_header: str = "",
    ) -> None:
        """Take the place of addresses, the networks of proxies that are believed, their header."""
        self._locate = locate
        self._proxies = proxies
        named = country_header.upper().replace("-", "_")
        self._country_key = f"HTTP_{named}" if named else ""
        self._trusted: set[str] = set()

    def of(self, environ: dict[str, Any]) -> Origin:
        """Return the origin of a request, given as its WSGI environment. Never fails."""
        return Origin(
            self._country(environ),
            classify(environ.get("HTTP_USER_AGENT", "")),
            environ.get("HTTP_SEC_GPC") == "1" or environ.get("HTTP_DNT") == "1",
        )

    def address(self, environ: dict[str, Any]) -> str:
        """Return whose address the request came from: the last that no proxy of ours has."""
        peer: str = environ.get("REMOTE_ADDR") or ""
        if not self._proxies or not self._is_proxy(peer):
            return _plain(peer)
        said = environ.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]
        hops = (_plain(one.strip()) for one in reversed(said))
        return next((one for one in hops if one and not self._is_proxy(one)), _plain(peer))

    def _country(self, environ: dict[str, Any]) -> str:
        if self._country_key and self._is_proxy(environ.get("REMOTE_ADDR") or ""):
            said = environ.get(self._country_key, "")
            # XX and T1 are how proxies say that they do not know, or that it is Tor.
            if len(said) == 2 and said.isascii() and said.isalpha() and said.upper() != "XX":  # noqa: PLR2004 - ISO 3166-1
                return str(said).upper()
            return UNKNOWN
        return self._locate(self.address(environ))

    def _is_proxy(self, address: str) -> bool:
        """Remember only addresses that are proxies: a visitor's own is never kept."""
        if address in self._trusted:
            return True
        if not _is_within(address, self._proxies):
            return False
        if len(self._trusted) < _MOST_PEERS:
            self._trusted.add(address)
        return True


def _is_within(address: str, networks: Iterable[Network]) -> bool:
    try:
        found = ip_address(_plain(address))
    except ValueError:
        return False
    return any(found in network for network in networks)


def _plain(address: str) -> str:
    """Return an address without port, brackets and the prefix of a mapped IPv4 one."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    return address[len(_MAPPED) :] if address.lower().startswith(_MAPPED) else address
