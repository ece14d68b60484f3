"""Scope of an API key to right: a view says what it needs, or nobody gets in."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.models import ApiKey


class HasScope(BasePermission):
    """Allow what the key's scopes name.

    A view carries `required_scopes`, HTTP method to scope (several, if separated by spaces, are
    all needed). A method that is not listed is refused to every key: forgetting fails closed.
    """

    message = "This API key does not carry the scope that this call needs."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the key may call this method of this view."""
        if not isinstance(request.auth, ApiKey):
            return False
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "required_scopes", {}).get(method, "").split()
        return bool(needed) and set(needed) <= set(request.auth.scopes)
