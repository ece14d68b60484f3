"""Names of domains, and what an issuer publishes under its own."""

import re
from ipaddress import ip_address

_LONGEST = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Names that are nobody's on the internet (RFC 6761, RFC 6762, RFC 8375, RFC 9476 and kin).
_NOWHERE = frozenset(
    {"alt", "arpa", "corp", "example", "home", "internal", "invalid", "lan", "local", "localhost"}
    | {"onion", "test"}
)


class NotADomain(ValueError):
    """A text that names no domain on the internet; the message says what is wrong."""


def read_domain(text: str) -> str:
    """Return a domain's name as DNS writes it, from what a person typed or pasted.

    Raises NotADomain.
    """
    name = text.strip().lower().removeprefix("https://").removesuffix("/").rstrip(".")
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NotADomain("This is no domain name. Write it like academy.org.") from error
    labels = name.split(".")
    if len(labels) == 1 or len(name) > _LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise NotADomain("This is no domain name. Write it like academy.org, without a path.")
    if _is_address(name) or labels[-1].isdigit() or labels[-1] in _NOWHERE:
        raise NotADomain("This is no name on the internet. Write it like academy.org.")
    return name


def record_name(domain: str) -> str:
    """Return the TXT record's name; the underscore keeps it off hosts (RFC 8552)."""
    return f"_certificates.{domain}"


def record_value(did: str) -> str:
    """Return what the TXT record says: which issuer here the domain's owner is."""
    return f"issuer={did}"


def document_url(domain: str) -> str:
    """Return where the domain's DID document is found (did:web, section 3.2)."""
    return f"https://{domain}/.well-known/did.json"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
