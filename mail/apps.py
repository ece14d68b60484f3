"""Wiring of mail."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """Wiring."""

    name = "mail"

    def ready(self) -> None:
        """Register what becomes of letters that are given up."""
        from mail import giving_up  # noqa: PLC0415 - models are ready only now

        giving_up.register()
