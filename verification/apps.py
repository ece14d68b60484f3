"""Wiring of verification."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    """Wiring."""

    name = "verification"
