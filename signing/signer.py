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
    key = keyring.active_key(tenant=tenant)
    with span(Span.SIGN_JWS, kid=key.thumbprint, tenant_id=tenant.pk, batch_size=len(payloads)):
        kid_url = keyring.keep_present_url(key, now=now)
        tokens = jws.sign(
            signature=custody.opened(key),
            algorithm=key.algorithm,
            kid=kid_url,
            typ=typ,
            payloads=payloads,
        )
    return [Signed(compact=token, kid=key.thumbprint, kid_url=kid_url) for token in tokens]
