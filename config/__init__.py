"""The composition root: settings, addresses, the Celery app, the server entry."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
