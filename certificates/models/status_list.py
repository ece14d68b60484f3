"""Bitstring status lists: one bit a certificate, flipped once, for ever."""

import secrets
from typing import Any, ClassVar

from django.db import models

from tenants.scoping import TenantOwned


def new_seed() -> bytes:
    """Return the key of a list's own order."""
    return secrets.token_bytes(16)


class StatusList(TenantOwned):
    """One list of 131,072 entries of one tenant, with its signed form."""

    SIZE = 131_072
    FULL_AT = SIZE * 3 // 4

    number = models.PositiveIntegerField(help_text="The last part of the list's address.")
    url = models.CharField(max_length=500, unique=True)
    seed = models.BinaryField(default=new_seed, editable=False, help_text="Order of the indexes.")
    allocated = models.PositiveIntegerField(default=0)
    bits = models.BinaryField(editable=False)
    signed = models.TextField(blank=True, editable=False, help_text="Compact JWS.")
    kid = models.CharField(
        max_length=43,
        blank=True,
        db_default="",
        default="",
        editable=False,
        help_text="Of the key that signed it.",
    )
    signed_at = models.DateTimeField(null=True, editable=False)
    valid_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "number"], name="status_list_number_once_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.url
