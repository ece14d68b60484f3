"""Wiring of verification."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    """Wiring."""

    name = "verification"
    verbose_name = "Verification"

    def ready(self) -> None:
        """Say how often a certificate was looked at to the room that shows it."""
        from certificates import looks  # noqa: PLC0415 - models are ready only now
        from verification import analytics  # noqa: PLC0415

        looks.register(analytics.looks)
