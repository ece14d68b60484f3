"""Published keys as JWKs: the sets, and one key by itself."""

from collections.abc import Iterable
from typing import Any

from signing import jwk, keyring
from signing.models import SigningKey


def key_set(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """Return a JWK Set with one JWK per address of each key.

    Verifiers compare `kid` as a string, so a key stands there once under every address that
    the header of some credential names.
    """
    return {"keys": [_published(key, url) for key in keys for url in keyring.kid_urls(key)]}


def single_key(key: SigningKey) -> dict[str, str]:
    """Return one bare JWK: verifiers that follow a `kid` expect no set there (OB 3.0)."""
    return _published(key, keyring.kid_urls(key)[0])


def _published(key: SigningKey, kid: str) -> dict[str, str]:
    return jwk.published(key.public_jwk, algorithm=key.algorithm, kid=kid)
