"""ES256 straight on `cryptography`, with one spelling for a signature (RFC 7518 section 3.4).

For every signature (r, s) there is a second one over the same bytes, (r, n - s), and anybody can
compute it. Only the one with the lower s counts here, so nobody can respell a signed document.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

_LENGTH = 32
_ORDER = SECP256R1().group_order
_HIGHEST = (_ORDER // 2).to_bytes(_LENGTH, "big")
_ECDSA = ECDSA(SHA256())


def sign(key: EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Return r and s, 32 bytes each."""
    r, s = decode_dss_signature(key.sign(message, _ECDSA))
    return r.to_bytes(_LENGTH, "big") + s.to_bytes(_LENGTH, "big")


def canonical(signature: bytes) -> bytes:
    """Return the one of a pair of signatures that counts, whichever was made."""
    s = signature[_LENGTH:]
    if s <= _HIGHEST:
        return signature
    lower = _ORDER - int.from_bytes(s, "big")
    return signature[:_LENGTH] + lower.to_bytes(_LENGTH, "big")


def verify(key: EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    """Say whether a P-256 key signed the message, and with the one signature that counts."""
    r, s = signature[:_LENGTH], signature[_LENGTH:]
    if len(signature) != 2 * _LENGTH or s > _HIGHEST:
        return False
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.verify(der, message, _ECDSA)
    # The last two: a key of another kind. `jwk.load_public` lets no other curve in.
    except (InvalidSignature, TypeError, AttributeError):
        return False
    return True
