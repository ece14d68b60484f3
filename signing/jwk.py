"""Generate keys, their public form and RFC 7638 thumbprints."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from josepy.b64 import b64encode
from josepy.errors import Error as JoseError
from josepy.jwk import JWK, JWKEC

from signing.okp import JWKOKP

ES256 = "ES256"
EDDSA = "EdDSA"
ALGORITHMS = (ES256, EDDSA)

Key = JWK

_P256 = ec.SECP256R1.name
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


class BadKey(ValueError):
    """A JWK that is no key on P-256 or Ed25519; `reason` is a short code that is safe to log."""

    reason = "key"


def generate(algorithm: str = ES256) -> Key:
    """Return a new key: on P-256 for ES256 (RFC 7518), on Ed25519 for EdDSA (RFC 8037)."""
    if algorithm == EDDSA:
        return JWKOKP(key=Ed25519PrivateKey.generate())
    if algorithm == ES256:
        return JWKEC(key=ec.generate_private_key(ec.SECP256R1()))
    raise ValueError(f"no key is made for the algorithm {algorithm!r}")


def load_public(public: Mapping[str, Any]) -> Key:
    """Return the key object of a stored public JWK, or raise BadKey."""
    try:
        return _loaded(frozenset(public.items()))
    # ValueError: a point off its curve. The others: members of a wrong type.
    except (JoseError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise BadKey("not a key") from error


def bare(key: Key) -> Any:
    """Return the key of `cryptography` itself, out of the wrapper josepy puts around some."""
    return getattr(key.key, "_wrapped", key.key)


def load_private(der: bytes) -> Key:
    """Return the key object of a PKCS 8 private key."""
    key = serialization.load_der_private_key(der, password=None)
    return JWKOKP(key=key) if isinstance(key, Ed25519PrivateKey) else JWKEC(key=key)


def private_bytes(key: Key) -> bytes:
    """Return a private key as PKCS 8 DER, not encrypted: for sealing, and for nothing else."""
    der: bytes = key.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return der


def public_jwk(key: Key) -> dict[str, str]:
    """Return the public members of a key, and no other."""
    members: dict[str, str] = key.public_key().to_json()
    return members


def published(public: Mapping[str, str], *, algorithm: str, kid: str) -> dict[str, str]:
    """Return the JWK that strangers see (RFC 7517 section 4)."""
    return {**public, "kid": kid, "use": "sig", "alg": algorithm}


def thumbprint(public: Mapping[str, Any]) -> str:
    """Return the RFC 7638 thumbprint of a JWK: SHA-256, base64url."""
    key: JWK = JWK.from_json(public)  # type: ignore[assignment] # typed as its base class
    return b64encode(key.thumbprint()).decode("ascii")


def is_thumbprint(text: str) -> bool:
    """Say whether a text has the form of a thumbprint, so that it may be looked up."""
    return _THUMBPRINT.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _loaded(members: frozenset[tuple[str, Any]]) -> Key:
    """Return a key. That a point lies on its curve takes as long to find out as half a signature.

    Raises much: see load_public.
    """
    key = JWK.from_json(dict(members))
    if isinstance(key, JWKOKP) or (isinstance(key, JWKEC) and key.key.curve.name == _P256):
        return key
    raise ValueError("neither on P-256 nor on Ed25519")
