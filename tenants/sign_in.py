"""Who may sign in to the admin: the demo's people only where the service is a demo's."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class PeopleBackend(ModelBackend):
    """Django's own users, less the demo's under production settings. Sessions end with it too."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Say whether this user may sign in, or stay signed in."""
        allowed: bool = super().user_can_authenticate(user)
        return allowed and (settings.EMBEDDED or not getattr(user, "is_demo", False))
