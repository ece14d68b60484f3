"""Wiring of signing."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class SigningConfig(AppConfig):
    """Wiring."""

    name = "signing"

    def ready(self) -> None:
        """Connect the first key, the checks, and what operators watch."""
        from observability import collectors, health  # noqa: PLC0415 - models are ready only now
        from signing import checks, gauges, receivers  # noqa: PLC0415

        collectors.register_gauge("cert_kid_rotation_due_timestamp_seconds", gauges.rotation_due)
        health.register_probe("keys", gauges.a_key_is_active)
        post_migrate.connect(receivers.make_first_key, sender=self)
        register(checks.keys_open, Tags.database)
        register(checks.previous_key_may_go, Tags.database)
