"""What signing does when something happened elsewhere."""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from signing import rotation


def make_first_key(*, using: str, apps: Apps = installed, **_: Any) -> None:
    """Give a freshly migrated installation the key it signs with."""
    # Migrating backwards, or another app alone, may leave no table to put it in.
    migrated = "signingkey" in apps.all_models["signing"]
    if migrated and using == DEFAULT_DB_ALIAS:
        rotation.ensure_first_key(now=timezone.now())
