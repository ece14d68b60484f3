"""Tenant scoping: what every tenant-owned row and queryset inherits."""

from typing import Any, ClassVar, Self

from django.db import models


class TenantQuerySet(models.QuerySet[Any]):
    """A queryset that can be narrowed to one tenant."""

    def for_tenant(self, tenant: Any) -> Self:
        """Return only the rows of one tenant, given as a Tenant or as its id."""
        return self.filter(tenant=tenant)


class TenantOwned(models.Model):
    """A row that belongs to exactly one tenant."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
