"""Which network addresses are outside: a request of ours never reaches into our own network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Addresses that carry an IPv4 address inside, which may be any: NAT64 (RFC 6052, RFC 8215),
# 6to4 (RFC 3056), Teredo (RFC 4380), IPv4-compatible (RFC 4291 section 2.5.5.1).
_CARRIERS = [
    ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
]


def is_outside(text: str) -> bool:
    """Say whether an address is a public one of the internet, whatever form it is written in."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    if isinstance(address, IPv6Address) and any(address in carrier for carrier in _CARRIERS):
        return False
    return _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )
