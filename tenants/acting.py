"""For whom a signed-in person acts: which tenants, with which role, narrowed to which one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from tenants.models import Membership, Tenant, User
from tenants.roles import Right, Role, allows

SESSION_KEY = "acting_tenant"
_CACHE = "_acting"


@dataclass(frozen=True)
class Acting:
    """What one request may touch. A superuser has every right in every tenant."""

    is_superuser: bool
    roles: Mapping[str, Role]
    chosen: str = ""

    def may(self, right: Right, tenant_id: str | None) -> bool:
        """Say whether a right holds in one tenant; rows of no tenant are the platform's."""
        if self.is_superuser:
            return not self.chosen or tenant_id in (self.chosen, "", None)
        role = self.roles.get(tenant_id or "")
        return role is not None and self._in_view(tenant_id) and allows(role, right)

    def may_somewhere(self, right: Right) -> bool:
        """Say whether a right holds in any tenant."""
        return self.is_superuser or any(self.may(right, tenant_id) for tenant_id in self.roles)

    def tenant_ids(self, right: Right) -> frozenset[str] | None:
        """Return the tenants a right holds in; None means every tenant."""
        if self.is_superuser:
            return frozenset({self.chosen}) if self.chosen else None
        return frozenset(tenant_id for tenant_id in self.roles if self.may(right, tenant_id))

    def _in_view(self, tenant_id: str | None) -> bool:
        return not self.chosen or tenant_id == self.chosen


def acting(request: HttpRequest) -> Acting:
    """Return for whom this request acts; read once a request."""
    found = getattr(request, _CACHE, None)
    if not isinstance(found, Acting):
        found = _read(request)
        setattr(request, _CACHE, found)
    return found


def tenant_choices(request: HttpRequest) -> list[Tenant]:
    """Return the tenants a person may narrow the admin to."""
    who = acting(request)
    tenants = Tenant.objects.order_by("name")
    return list(tenants if who.is_superuser else tenants.filter(pk__in=who.roles))


def _read(request: HttpRequest) -> Acting:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return Acting(is_superuser=False, roles={})
    chosen = str(request.session.get(SESSION_KEY, ""))
    if user.is_superuser:
        return Acting(is_superuser=True, roles={}, chosen=chosen)
    rows = Membership.objects.filter(user=user).values_list("tenant_id", "role")
    roles = {tenant_id: Role(role) for tenant_id, role in rows}
    # A membership may have ended since the choice was made: then the choice is void.
    return Acting(is_superuser=False, roles=roles, chosen=chosen if chosen in roles else "")
