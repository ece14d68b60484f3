"""Celery's door to mail."""

from typing import Any

from celery import shared_task

from mail import delivery, topics
from observability import database_clock


@shared_task(name=topics.SEND, ignore_result=True)
def send(*, email_id: str, **_: Any) -> None:
    """Send one letter."""
    delivery.send(email_id=email_id, now=database_clock.now())
