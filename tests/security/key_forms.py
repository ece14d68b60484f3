"""Every form in which the bytes of a key might be written down by accident."""

import base64
from collections.abc import Iterable

from signing import jwk


def secrets_of(key: jwk.Key) -> list[bytes]:
    """Return the number that is the key, and its PKCS 8 form."""
    private = key.key
    if hasattr(private, "private_numbers"):
        scalar = private.private_numbers().private_value.to_bytes(32, "big")
    else:
        scalar = private.private_bytes_raw()
    return [scalar, jwk.private_bytes(key)]


def forms(secret: bytes) -> set[bytes]:
    """Return the bytes raw, as hex, decimal, Python literal, and base64 at every alignment."""
    written = {
        secret.hex(),
        secret.hex().upper(),
        secret.hex(":"),
        str(int.from_bytes(secret, "big")),
        str(int.from_bytes(secret, "little")),
        str(list(secret)),
        repr(secret)[2:-1],
    }
    for shift in range(3):
        # Inside a longer text the first and last symbols mix with their neighbours' bits.
        text = base64.b64encode(bytes(shift) + secret).decode().rstrip("=")
        inner = text[-(-shift * 8 // 6) : -1]
        written |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {secret, *(text.encode() for text in written)}


def found(secrets: Iterable[bytes], haystacks: dict[str, bytes]) -> list[str]:
    """Return the names of the places where any form of any secret stands."""
    needles = {form for secret in secrets for form in forms(secret)}
    return [
        place for place, content in haystacks.items() if any(form in content for form in needles)
    ]
