"""People who earned something: the only place of names and addresses in tables."""

import secrets
import uuid
from typing import Any, ClassVar

from django.db import models

from tenants.scoping import TenantOwned


def new_salt() -> bytes:
    """Return 16 random bytes. Once they are gone, digests keyed by them tell nothing."""
    return secrets.token_bytes(16)


class Recipient(TenantOwned):
    """One person at one tenant, by the platform's own id.

    `names` keeps every name ever reported, in order; a completion points to the one it came
    with by its place in the list. So a person is erased by emptying one row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: others begin with it.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    external_id = models.CharField(max_length=128, help_text="The platform's id of the person.")
    names = models.JSONField(default=list)
    salt = models.BinaryField(
        default=new_salt, editable=False, help_text="Keys the digests of what was reported."
    )
    email = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"], name="recipient_once_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def name(self) -> str:
        """The name last reported."""
        return str(self.names[-1]) if self.names else ""
