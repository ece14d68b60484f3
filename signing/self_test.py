"""Prove that what a key signs verifies by the key set we publish, before anybody relies on it."""

import json
from collections.abc import Callable
from typing import Any

from signing import custody, jwk, jws, keyring, publication
from signing.models import SigningKey

# No credential, status list or claim has this type, so the proof can never pass for one.
_TYP = "key-self-test+jwt"
_PAYLOAD = b'{"purpose":"self-test"}'

# Whose set to read (the key tells its owner) to the JSON text of the JWK Set that is served.
Fetch = Callable[[SigningKey], str]


class SelfTestFailed(Exception):
    """A signature by this key would not verify; the message says why, and holds no secret."""


def published_set(key: SigningKey) -> str:
    """Return the key set of the key's owner, in the bytes that the front serves."""
    return publication.key_set(keyring.published_keys(tenant=key.tenant)).body.decode()


def run(key: SigningKey, *, fetch: Fetch = published_set) -> None:
    """Sign, look the key up in the published set by its `kid`, and verify.

    A key of a purpose without a published set is verified by its stored public part.
    Raises SelfTestFailed, whatever went wrong.
    """
    kid = keyring.present_url(key)
    token = _signed(key, kid)
    public = _published(key, kid, fetch)
    try:
        jws.verify(jws.parse(token), key=jwk.load_public(public), algorithm=key.algorithm, typ=_TYP)
    except jws.BadJws as bad:
        raise SelfTestFailed(f"its signature does not verify: {bad.reason}") from bad


def _signed(key: SigningKey, kid: str) -> str:
    try:
        [token] = jws.sign(
            signature=custody.opened(key),
            algorithm=key.algorithm,
            kid=kid,
            typ=_TYP,
            payloads=[_PAYLOAD],
        )
    # Whatever a vault or a token raises: a key that cannot sign must not be let through.
    except Exception as error:
        raise SelfTestFailed(f"it cannot sign: {type(error).__name__}") from error
    return token


def _published(key: SigningKey, kid: str, fetch: Fetch) -> dict[str, Any]:
    if key.purpose not in keyring.PUBLISHED:
        public: dict[str, Any] = key.public_jwk
        return public
    try:
        found = [dict(one) for one in json.loads(fetch(key))["keys"] if one["kid"] == kid]
    except Exception as error:
        reason = type(error).__name__
        raise SelfTestFailed(f"the published key set cannot be read: {reason}") from error
    if len(found) != 1:
        raise SelfTestFailed(f"the published key set holds it {len(found)} times")
    return found[0]
