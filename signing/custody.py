"""Make, use and destroy private keys, wherever they are kept.

The rest of signing knows a key by its row; only this room knows whether the private part lies
sealed in that row or inside a PKCS #11 token. New keys go where the settings say, and a key is
used where it was made, so a service moves into a token, or out of one, by rotating.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from signing import jwk, jws, pkcs11, pkcs11_session, vault
from signing.models import SigningKey
from signing.vault import CannotOpen

__all__ = ["CannotOpen", "NewKey", "Sign", "destroy", "make", "opened"]

# Signing input to the signature of RFC 7515: for ES256 r and s, 64 bytes (RFC 7518 section 3.4).
Sign = Callable[[bytes], bytes]

# What a purpose's keys sign with; the others with ES256.
_ALGORITHMS = {SigningKey.Purpose.CREDENTIAL_DI: jwk.EDDSA}


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key pair, ready to be stored as a SigningKey."""

    thumbprint: str
    algorithm: str
    public_jwk: dict[str, str]
    custody: SigningKey.Custody
    sealed_private: bytes | None = field(repr=False)


def make(*, tenant_id: str | None, purpose: SigningKey.Purpose) -> NewKey:
    """Make a key pair for an owner (None: the platform) and a purpose.

    Raises pkcs11_session.TokenAway where it is to be made in a token that does not answer.
    """
    algorithm = _ALGORITHMS.get(purpose, jwk.ES256)

    def bound_to(thumbprint: str) -> bytes:
        return SigningKey(thumbprint=thumbprint, tenant_id=tenant_id, purpose=purpose).bound_to

    if pkcs11_session.configured():
        public = pkcs11.generate(algorithm, bound_to=bound_to)
        thumbprint = jwk.thumbprint(public)
        return NewKey(thumbprint, algorithm, public, SigningKey.Custody.PKCS11, None)
    private = jwk.generate(algorithm)
    public = jwk.public_jwk(private)
    thumbprint = jwk.thumbprint(public)
    sealed = vault.seal(private, bound_to=bound_to(thumbprint))
    return NewKey(thumbprint, algorithm, public, SigningKey.Custody.VAULT, sealed)


def opened(key: SigningKey) -> Sign:
    """Return the function that signs under a key. Do not keep it longer than the task at hand.

    Raises CannotOpen under a wrong KEY_ENCRYPTION_KEY, for a key that was moved from another row,
    and where its token is away.
    """
    if key.custody == SigningKey.Custody.PKCS11:
        return pkcs11.signature_by(key.thumbprint, algorithm=key.algorithm, bound_to=key.bound_to)
    private = vault.unseal(key.sealed_private, bound_to=key.bound_to)
    return jws.signature_by(private, algorithm=key.algorithm)


def destroy(key: SigningKey) -> None:
    """Destroy the private part; the caller saves the row.

    A token destroys at once, whatever becomes of the caller's transaction. Raises
    pkcs11_session.TokenAway.
    """
    if key.custody == SigningKey.Custody.PKCS11:
        pkcs11.destroy(key.thumbprint, bound_to=key.bound_to)
    key.sealed_private = None
