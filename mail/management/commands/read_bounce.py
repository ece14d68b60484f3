"""`read_bounce < message`: what a mailbox's delivery rule pipes a returned letter into."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mail import bounces
from mail.dsn import NotABounce, read_bounce

_MOST = 1024 * 1024


class Command(BaseCommand):
    """Note one returned letter."""

    help = "Note a letter that came back; the message (RFC 5322) is read from standard input."

    def handle(self, *_: Any, **__: Any) -> None:
        """Read, note, say."""
        try:
            bounce = read_bounce(sys.stdin.buffer.read(_MOST))
        except NotABounce as error:
            raise CommandError(f"Nothing was noted: {error}.") from error
        noted = bounces.note(
            email_id=bounce.email_id,
            reason="came back",
            is_final=bounce.is_final,
            now=timezone.now(),
        )
        self.stdout.write("Noted." if noted else "No letter here waits for this news.")
