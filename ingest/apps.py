"""Wiring of ingest."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Wiring."""

    name = "ingest"
