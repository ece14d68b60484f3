"""EdDSA with Ed25519, which josepy lacks (RFC 8037 section 3.1)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """Return the 64 bytes of a signature."""
    return key.sign(message)


def canonical(signature: bytes) -> bytes:
    """Return the signature: it has no twin, for an S not below the order is refused."""
    return signature


def verify(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 key signed the message."""
    try:
        key.verify(signature, message)
    # The last two: a key of another kind.
    except (InvalidSignature, TypeError, AttributeError):
        return False
    return True
