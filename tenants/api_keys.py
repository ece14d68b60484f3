"""API keys as text: `cert_live_<id>_<secret>`, made, read and hashed; and what they may open."""

import hashlib
import re
import secrets
import string
import zlib
from enum import StrEnum

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH = 12
_SECRET_LENGTH = 32  # 190 bits: too many to guess, so a plain hash keeps it
_CHECKSUM_LENGTH = 6
_FORM = re.compile(
    rf"cert_live_([0-9A-Za-z]{{{_ID_LENGTH}}})_([0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}})"
)


class Scope(StrEnum):
    """What a key may be allowed to do."""

    COMPLETIONS_WRITE = "completions:write"
    CERTIFICATES_READ = "certificates:read"
    CERTIFICATES_REVOKE = "certificates:revoke"
    CLAIMS_WRITE = "claims:write"
    CLAIMS_READ = "claims:read"
    TEMPLATES_READ = "templates:read"
    WEBHOOKS_WRITE = "webhooks:write"
    WEBHOOKS_READ = "webhooks:read"


class MalformedApiKey(ValueError):
    """The text is not an API key; whoever typed it made a mistake."""


def make_api_key() -> tuple[str, str]:
    """Return a new key's public id and its whole text."""
    key_id = _random(_ID_LENGTH)
    body = f"cert_live_{key_id}_{_random(_SECRET_LENGTH)}"
    return key_id, body + _checksum(body)


def parse_api_key(text: str) -> tuple[str, str]:
    """Return id and secret, or raise MalformedApiKey."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise MalformedApiKey("an API key reads cert_live_<id>_<secret>")
    # The checksum lets secret scanners, and us, tell a key from a look-alike without a look-up.
    if _checksum(text[:-_CHECKSUM_LENGTH]) != text[-_CHECKSUM_LENGTH:]:
        raise MalformedApiKey("the checksum of this API key is wrong")
    return match[1], match[2]


def secret_sha256(text: str) -> str:
    """Return what is stored of a key: SHA-256 of its whole text, as hex."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode("ascii"))
    symbols = []
    for _ in range(_CHECKSUM_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        symbols.append(_ALPHABET[place])
    return "".join(reversed(symbols))
