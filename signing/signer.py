"""Sign bytes that were linted, under the key that signs for their tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from observability.spans import Span, span
from signing import custody, jws, keyring
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Signed:
    """A compact JWS and the key that made it."""

    compact: str
    kid: str
    kid_url: str


def sign(*, tenant: Tenant, payloads: Sequence[bytes], typ: str, now: datetime) -> list[Signed]:
    """Return one compact JWS per payload, in order; the private key is opened once.

    Raises NoActiveKey when nobody may sign, custody.CannotOpen under a wrong
    KEY_ENCRYPTION_KEY or while the key's token is away.
    """
    (signed,) = sign_kinds(tenant=tenant, kinds=[(typ, payloads)], now=now)
    return signed


def sign_kinds(
    *, tenant: Tenant, kinds: Sequence[tuple[str, Sequence[bytes]]], now: datetime
) -> list[list[Signed]]:
    """Sign payloads of several `typ`, all under one key; otherwise as `sign`."""
    key = keyring.active_key(tenant=tenant)
    size = sum(len(payloads) for _, payloads in kinds)
    with span(Span.SIGN_JWS, kid=key.thumbprint, tenant_id=tenant.pk, batch_size=size):
        kid_url = keyring.keep_present_url(key, now=now)
        signature = custody.opened(key)
        return [
            [
                Signed(compact=token, kid=key.thumbprint, kid_url=kid_url)
                for token in jws.sign(
                    signature=signature,
                    algorithm=key.algorithm,
                    kid=kid_url,
                    typ=typ,
                    payloads=payloads,
                )
            ]
            for typ, payloads in kinds
        ]
