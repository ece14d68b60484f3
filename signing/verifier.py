"""Say whether a compact JWS was signed by a key that may sign for a tenant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from signing import jwk, jws, keyring
from signing.models import SigningKey
from tenants.models import Tenant


class Outcome(StrEnum):
    """What a signature is worth."""

    GOOD = "good"
    BAD = "bad"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome, and what was found on the way to it.

    `payload` is there for GOOD and COMPROMISED. A compromised key's signature is sound, but
    anybody may have made it after `compromised_at`: the caller, who has its own record of when
    the document was signed, decides.
    """

    outcome: Outcome
    payload: dict[str, Any] | None = None
    kid: str = ""
    kid_url: str = ""
    reason: str = ""
    compromised_at: datetime | None = None


def verify(
    *, tenant: Tenant, compact: str, typ: str, now: datetime, limit: int = jws.MAX_LENGTH
) -> Verification:
    """Verify a token for one tenant and one purpose. Bad input is an outcome, not an error.

    That the payload speaks of the right issuer and certificate is for the caller to compare.
    """
    try:
        token = jws.parse(compact, limit=limit)
    except jws.BadJws as bad:
        return Verification(Outcome.BAD, reason=bad.reason)
    key = _key_of(token, tenant=tenant, now=now)
    if key is None:
        return Verification(Outcome.BAD, reason="kid")
    try:
        payload = jws.verify(
            token, key=jwk.load_public(key.public_jwk), algorithm=key.algorithm, typ=typ
        )
    except (jws.BadJws, jwk.BadKey) as bad:
        return Verification(Outcome.BAD, kid=key.thumbprint, kid_url=token.kid, reason=bad.reason)
    compromised = key.state == SigningKey.State.COMPROMISED
    return Verification(
        Outcome.COMPROMISED if compromised else Outcome.GOOD,
        payload=payload,
        kid=key.thumbprint,
        kid_url=token.kid,
        reason="key-compromised" if compromised else "",
        compromised_at=key.compromised_at,
    )


def _key_of(token: jws.ParsedJws, *, tenant: Tenant, now: datetime) -> SigningKey | None:
    # NUL and lone surrogates are JSON strings, but upset database drivers.
    if not (token.kid.isascii() and token.kid.isprintable()):
        return None
    key = keyring.key_by_address(tenant=tenant, url=token.kid)
    if key and key.state == SigningKey.State.NEXT and now < key.activates_at:
        return None  # it has signed nothing yet, so this was not us
    return key
