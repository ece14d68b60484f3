"""What might be sent to the doors: hostile tokens around a real certificate, and sound ones.

The sound ones are signed with the genuine key, and the service has no record of them.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from certificates.models import Certificate
from certificates.queries import securing_of
from signing import custody, jwk, keyring, vault
from signing.jwk import Key
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.hostile import World
from tests.signing.hostile_world import Case
from tests.signing.tokens import unb64

_State, _Purpose = SigningKey.State, SigningKey.Purpose


def world_of(certificate: Certificate, *, stranger: Tenant, now: datetime) -> World:
    """Return what is known of a certificate, and what a neighbour and an attacker have."""
    compact = securing_of(certificate).content
    head, payload, _ = compact.split(".")
    strange = SigningKey.objects.create(
        **asdict(custody.make(tenant_id=stranger.pk, purpose=_Purpose.CREDENTIAL_JWS)),
        tenant=stranger,
        purpose=_Purpose.CREDENTIAL_JWS,
        state=_State.ACTIVE,
        published_at=now,
        activates_at=now,
    )
    return World(
        good=compact,
        payload=unb64(payload),
        header=json.loads(unb64(head)),
        key=_private(keyring.active_key(tenant=certificate.tenant)),
        attacker=jwk.generate(),
        strange_key=_private(strange),
        strange_kid=keyring.keep_present_url(strange, now=now),
    )


def off_record(world: World, *, other: Certificate) -> Iterator[Case]:
    """Yield documents that our own key signed, soundly, and that are on nobody's record."""
    payload = json.loads(world.payload)
    base = payload["id"].rpartition("/")[0]
    yield "the same, signed anew", world.signed()
    yield "the same, spelled with blanks", world.signed(json.dumps(payload).encode())
    changed: dict[str, dict[str, Any]] = {
        "another name": {"name": "Brain Surgery"},
        "no end": {"validUntil": None, "exp": None},
        "of no certificate": {"id": f"{base}/{uuid4()}", "jti": f"{base}/{uuid4()}"},
        "another tenant's certificate": {"id": other.credential_url, "jti": other.credential_url},
        "jti alone of another": {"jti": other.credential_url},
        "id alone of another": {"id": other.credential_url},
        "id of elsewhere": {"jti": f"https://elsewhere.example/credentials/{other.pk}"},
        "jti in other letters": {"jti": payload["jti"].upper()},
        "no jti": {"jti": None},
        "jti a number": {"jti": 1},
        "jti an object": {"jti": {"$ne": ""}},
        "jti of NUL": {"jti": f"{payload['jti']}\x00"},
        "jti of braces": {"jti": f"{base}/{{{payload['jti'].rpartition('/')[2]}}}"},
        "another issuer": {"iss": "did:web:elsewhere.example:tenants:harbourline"},
        "a status list": {
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation"},
        },
    }
    for name, changes in changed.items():
        yield name, world.signed(json.dumps({**payload, **changes}).encode())
    for typ in ("vc+jwt", "offline-claim+jwt", "webhook+jwt"):
        yield f"for another purpose, {typ}", world.signed(typ=typ)


def _private(key: SigningKey) -> Key:
    return vault.unseal(key.sealed_private, bound_to=key.bound_to)
