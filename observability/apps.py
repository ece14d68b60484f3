"""Wiring of observability."""

from django.apps import AppConfig
from django.conf import settings


class ObservabilityConfig(AppConfig):
    """Wiring."""

    name = "observability"

    def ready(self) -> None:
        """Configure the logs before anything speaks; register our own gauge and checks."""
        from observability import checks, collectors, heartbeat, logging  # noqa: F401, PLC0415 - models

        logging.configure(log_format=settings.LOG_FORMAT, log_file=settings.LOG_FILE)
        collectors.register_gauge("cert_beat_last_run_timestamp_seconds", heartbeat.last_run)
