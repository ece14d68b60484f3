"""Wiring of outbox."""

from celery import current_app
from django.apps import AppConfig
from django.conf import settings


class OutboxConfig(AppConfig):
    """Wiring."""

    name = "outbox"

    def ready(self) -> None:
        """Register the gauges, and the broker as something to be ready for."""
        from observability import collectors, health  # noqa: PLC0415 - apps are loading
        from outbox import lag  # noqa: PLC0415

        collectors.register_gauge("cert_outbox_lag_seconds", lag.lag_seconds)
        collectors.register_gauge("cert_outbox_dead_letters", lag.dead_letters)
        if settings.CELERY_BROKER_URL:
            health.register_probe("broker", _broker_answers)


def _broker_answers() -> None:
    with current_app.connection_for_read(connect_timeout=1) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
