"""Seal and open private keys.

A key is encrypted with AES-256-GCM under a data key of its own, and that data key with AES-256-GCM
under KEY_ENCRYPTION_KEY. So the key encryption key only ever meets 32 random bytes (a KMS can take
its place, and changing it rewrites no private key), and no two private keys share a cipher key.
Both layers are bound to owner, thumbprint and purpose: a sealed key copied to another row stays
shut. In front stands which key encryption key wrapped the data key, so that it can be changed while
the service runs: KEY_ENCRYPTION_KEY_PREVIOUS opens too, and seals nothing.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from signing import jwk

# version | id of the key encryption key | nonce | sealed data key | nonce | sealed private key
_VERSION = b"\x02"
# The same without the id: what the service wrote first.
_VERSION_WITHOUT_ID = b"\x01"
_ID = 8
_NONCE = 12
_WRAP = _NONCE + 32 + 16


class CannotOpen(Exception):
    """The private part is out of reach: altered, moved, under another key, or its token away."""


class _Secret(bytes):
    """Bytes that stay out of the locals of a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secret bytes>"

    __str__ = __repr__


def seal(private: jwk.Key, *, bound_to: bytes) -> bytes:
    """Return a private key in the form that may be stored."""
    data_key = _Secret(AESGCM.generate_key(256))
    sealed = _encrypt(data_key, _Secret(jwk.private_bytes(private)), bound_to)
    return _wrapped(data_key, bound_to) + sealed


def unseal(sealed: bytes | memoryview | None, *, bound_to: bytes) -> jwk.Key:
    """Return the private key. Do not keep it longer than the task at hand."""
    data = bytes(sealed or b"")
    data_key = _unwrapped(data, bound_to)
    try:
        return jwk.load_private(_decrypt(data_key, data[_wrap_end(data) :], bound_to))
    # ValueError: too short to hold nonce and tag.
    except (InvalidTag, ValueError):
        raise CannotOpen("the sealed key was altered") from None


def rewrap(sealed: bytes | memoryview | None, *, bound_to: bytes) -> bytes:
    """Return the sealed key with its data key under the present key encryption key.

    The private key stays encrypted: only what stands before it changes. Raises CannotOpen where
    neither the present nor the previous key encryption key opens the wrap.
    """
    data = bytes(sealed or b"")
    return _wrapped(_unwrapped(data, bound_to), bound_to) + data[_wrap_end(data) :]


def is_under_present_key(sealed: bytes | memoryview | None) -> bool:
    """Say whether KEY_ENCRYPTION_KEY wrapped this; the form without an id never says so."""
    return bytes(sealed or b"").startswith(_VERSION + _id(_present()))


def _wrapped(data_key: _Secret, bound_to: bytes) -> bytes:
    present = _present()
    return _VERSION + _id(present) + _encrypt(present, data_key, bound_to)


def _unwrapped(data: bytes, bound_to: bytes) -> _Secret:
    wrap = data[_wrap_end(data) - _WRAP : _wrap_end(data)]
    for key in _keys():
        if data.startswith(_VERSION) and data[1 : 1 + _ID] != _id(key):
            continue
        try:
            return _decrypt(key, wrap, bound_to)
        except (InvalidTag, ValueError):
            continue
    raise CannotOpen("KEY_ENCRYPTION_KEY does not open this key")


def _wrap_end(data: bytes) -> int:
    if data.startswith(_VERSION):
        return 1 + _ID + _WRAP
    if data.startswith(_VERSION_WITHOUT_ID):
        return 1 + _WRAP
    raise CannotOpen("no sealed key of a known version")


def _present() -> _Secret:
    return _Secret(settings.KEY_ENCRYPTION_KEY)


def _keys() -> list[_Secret]:
    previous = settings.KEY_ENCRYPTION_KEY_PREVIOUS
    return [_present(), *([_Secret(previous)] if previous else [])]


def _id(key: _Secret) -> bytes:
    # A keyed hash of 256 random bits: tells keys apart and nothing else about them.
    return hmac.digest(key, b"name of a key encryption key", hashlib.sha256)[:_ID]


def _encrypt(key: _Secret, data: _Secret, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to)


def _decrypt(key: _Secret, data: bytes, bound_to: bytes) -> _Secret:
    return _Secret(AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], bound_to))
