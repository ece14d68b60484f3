"""What it means when the outbox gives a letter up."""

from collections.abc import Mapping
from typing import Any

from mail import topics
from mail.models import Email
from outbox import running


def register() -> None:
    """Let the outbox tell us."""
    running.when_given_up(topics.SEND, _sending_failed)


def _sending_failed(payload: Mapping[str, Any]) -> None:
    """Say so on the letter, whose reason is what the mail server said last."""
    waiting = Email.objects.filter(pk=payload["email_id"], state=Email.State.QUEUED)
    waiting.update(state=Email.State.FAILED)
