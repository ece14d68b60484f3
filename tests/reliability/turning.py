"""Change the published keys from a process of its own, as an operator's command does.

Run: python -m tests.reliability.turning rotate|compromise; prints the thumbprint concerned.
"""

import sys
from dataclasses import asdict

import django

django.setup(set_prefix=False)

from django.db import transaction  # noqa: E402 - settings come first
from django.utils import timezone  # noqa: E402

from signing import custody, keyring  # noqa: E402
from signing.models import SigningKey  # noqa: E402
from signing.signals import keys_changed  # noqa: E402

PURPOSE = SigningKey.Purpose.CREDENTIAL_JWS
State = SigningKey.State


@transaction.atomic
def rotate() -> SigningKey:
    """Retire the platform's active key and put a new one in its place."""
    now = timezone.now()
    SigningKey.objects.filter(tenant=None, purpose=PURPOSE, state=State.ACTIVE).update(
        state=State.VERIFY_ONLY, deactivated_at=now
    )
    key = SigningKey.objects.create(
        tenant=None,
        purpose=PURPOSE,
        state=State.ACTIVE,
        published_at=now,
        activates_at=now,
        activated_at=now,
        **asdict(custody.make(tenant_id=None, purpose=PURPOSE)),
    )
    keyring.keep_present_url(key, now=now)
    transaction.on_commit(lambda: keys_changed.send(sender=SigningKey))
    return key


def compromise() -> SigningKey:
    """Lose the key that was retired first, without a word: as a process on another host would."""
    retired = SigningKey.objects.filter(purpose=PURPOSE, state=State.VERIFY_ONLY)
    key = retired.earliest("deactivated_at")
    key.state, key.compromised_at = State.COMPROMISED, timezone.now()
    key.save()
    return key


if __name__ == "__main__":
    print({"rotate": rotate, "compromise": compromise}[sys.argv[1]]().thumbprint)  # noqa: T201
