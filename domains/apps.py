"""Wiring of domains."""

from django.apps import AppConfig


class DomainsConfig(AppConfig):
    """Wiring."""

    name = "domains"
