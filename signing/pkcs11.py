"""Make and use private keys inside a PKCS #11 token: they never leave it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from josepy.b64 import b64encode
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import NoSuchKey
from pkcs11.util.ec import encode_named_curve_parameters

from signing import jwk
from signing.pkcs11_session import forget, in_session, remembered
from signing.vault import CannotOpen


def _digest(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a token makes a key for an algorithm, and signs with it."""

    key_type: KeyType
    curve: bytes
    generates: Mechanism
    signs: Mechanism
    prepare: Callable[[bytes], bytes]


_KINDS = {
    # CKM_ECDSA over our own digest: every token has it, CKM_ECDSA_SHA256 only some.
    jwk.ES256: _Kind(
        KeyType.EC,
        encode_named_curve_parameters("secp256r1"),
        Mechanism.EC_KEY_PAIR_GEN,
        Mechanism.ECDSA,
        _digest,
    ),
    jwk.EDDSA: _Kind(
        KeyType.EC_EDWARDS,
        encode_named_curve_parameters("1.3.101.112"),
        Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        Mechanism.EDDSA,
        bytes,
    ),
}


def generate(algorithm: str, *, bound_to: Callable[[str], bytes]) -> dict[str, str]:
    """Make a key pair in the token, and return the public JWK.

    `bound_to` tells from the thumbprint what the key is bound to. The token's label is the
    thumbprint. Raises TokenAway.
    """
    return in_session(partial(_generate, _KINDS[algorithm], bound_to))


def signature_by(thumbprint: str, *, algorithm: str, bound_to: bytes) -> Callable[[bytes], bytes]:
    """Return what turns a message into a signature under a key of the token.

    For ES256 that is r and s, 32 bytes each. Raises CannotOpen where the token holds no such key
    for this owner and purpose, TokenAway where there is no token; so may the function.
    """
    kind, key_id = _KINDS[algorithm], _id(bound_to)

    def look_up(session: Any) -> Any:
        return remembered(key_id, lambda: _private_key(session, thumbprint, key_id))

    def sign(message: bytes) -> bytes:
        prepared = kind.prepare(message)
        signature: bytes = in_session(
            lambda session: look_up(session).sign(prepared, mechanism=kind.signs)
        )
        return signature

    in_session(look_up)
    return sign


def destroy(thumbprint: str, *, bound_to: bytes) -> None:
    """Destroy a key pair in the token. One that is not there is destroyed already.

    Raises TokenAway.
    """

    def remove(session: Any) -> None:
        forget(_id(bound_to))
        wanted = {Attribute.LABEL: thumbprint, Attribute.ID: _id(bound_to)}
        for found in list(session.get_objects(wanted)):
            found.destroy()

    in_session(remove)


def _generate(kind: _Kind, bound_to: Callable[[str], bytes], session: Any) -> dict[str, str]:
    parameters = session.create_domain_parameters(
        kind.key_type, {Attribute.EC_PARAMS: kind.curve}, local=True
    )
    pair = parameters.generate_keypair(
        mechanism=kind.generates,
        store=True,
        label=f"being made {uuid4()}",  # the thumbprint is not known yet
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
        },
    )
    public = _public_jwk(kind, bytes(pair[0][Attribute.EC_POINT]))
    thumbprint = jwk.thumbprint(public)
    for half in pair:
        half[Attribute.LABEL] = thumbprint
        half[Attribute.ID] = _id(bound_to(thumbprint))
    return public


def _public_jwk(kind: _Kind, point: bytes) -> dict[str, str]:
    """Return the JWK of a point; some tokens wrap the point in an OCTET STRING, some do not."""
    members: dict[str, str]
    if kind.key_type == KeyType.EC:
        members = {"kty": "EC", "crv": "P-256"}
        members |= {"x": _text(point[-64:-32]), "y": _text(point[-32:])}
    else:
        members = {"kty": "OKP", "crv": "Ed25519", "x": _text(point[-32:])}
    return jwk.public_jwk(jwk.load_public(members))


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def _private_key(session: Any, thumbprint: str, key_id: bytes) -> Any:
    try:
        return session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=thumbprint, id=key_id)
    except NoSuchKey:
        raise CannotOpen(
            f"the token {settings.PKCS11_TOKEN!r} of PKCS11_TOKEN holds no key {thumbprint} for"
            " this owner and purpose"
        ) from None


def _id(bound_to: bytes) -> bytes:
    # Owner and purpose are in the token too: a row that was moved to another owner finds no key.
    return hashlib.sha256(bound_to).digest()
