"""Put every sealed key under the present key encryption key; no private key is decrypted."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from signing import vault
from signing.models import SigningKey


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What became of the sealed keys: how many moved, and the thumbprints that did not open."""

    moved: int
    shut: list[str]


def rewrap() -> Rewrapped:
    """Re-wrap what is not under the present key encryption key yet.

    Each row by itself, and only if it still holds what was read: a key that is destroyed
    meanwhile stays destroyed. So the work may be cut off and begun again.
    """
    moved, shut = 0, []
    for key in not_under_present_key():
        sealed = key.sealed_private
        try:
            anew = vault.rewrap(sealed, bound_to=key.bound_to)
        except vault.CannotOpen:
            shut.append(key.thumbprint)
            continue
        unchanged = SigningKey.objects.filter(pk=key.pk, sealed_private=sealed)
        moved += unchanged.update(sealed_private=anew)
    return Rewrapped(moved, shut)


def not_under_present_key() -> Iterator[SigningKey]:
    """Yield the keys that KEY_ENCRYPTION_KEY does not wrap, oldest first."""
    return (key for key in _sealed() if not vault.is_under_present_key(key.sealed_private))


def count_sealed() -> int:
    """Return how many rows hold a private part."""
    return _sealed().count()


def _sealed() -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(sealed_private__isnull=False).order_by("pk")
