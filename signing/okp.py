"""Ed25519 keys as JWKs, which josepy lacks (RFC 8037 section 2)."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from josepy.b64 import b64encode
from josepy.errors import DeserializationError
from josepy.json_util import decode_b64jose
from josepy.jwk import JWK

_CURVE = "Ed25519"
_LENGTH = 32


@JWK.register
class JWKOKP(JWK):
    """An Ed25519 key: `x` is its public part and `d` its seed, 32 bytes each."""

    typ = "OKP"
    __slots__ = ("key",)
    cryptography_key_types = (Ed25519PublicKey, Ed25519PrivateKey)
    required = ("crv", JWK.type_field_name, "x")
    key: Ed25519PrivateKey | Ed25519PublicKey

    def public_key(self) -> "JWKOKP":
        """Return the key without its private part."""
        return JWKOKP(key=_public(self.key))

    def fields_to_partial_json(self) -> dict[str, Any]:
        """Return all members but `kty`."""
        members = {"crv": _CURVE, "x": _text(_public(self.key).public_bytes_raw())}
        if isinstance(self.key, Ed25519PrivateKey):
            members["d"] = _text(self.key.private_bytes_raw())
        return members

    @classmethod
    def fields_from_json(cls, jobj: Mapping[str, Any]) -> "JWKOKP":
        """Return the key of a JWK, or raise DeserializationError."""
        if jobj["crv"] != _CURVE:
            raise DeserializationError("the curve of an OKP key is Ed25519 here")
        public = Ed25519PublicKey.from_public_bytes(_octets(jobj["x"]))
        if "d" not in jobj:
            return cls(key=public)
        private = Ed25519PrivateKey.from_private_bytes(_octets(jobj["d"]))
        if private.public_key() != public:
            raise DeserializationError("x is not the public part of d")
        return cls(key=private)


def _public(key: Ed25519PrivateKey | Ed25519PublicKey) -> Ed25519PublicKey:
    return key.public_key() if isinstance(key, Ed25519PrivateKey) else key


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    octets: bytes = decode_b64jose(text, size=_LENGTH)
    return octets
