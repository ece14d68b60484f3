"""Put every sealed key under the present KEY_ENCRYPTION_KEY, so that the previous one may go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signing import rewrapping


class Command(BaseCommand):
    """`manage.py rewrap_keys`: may be cut off and begun again, and runs beside the service."""

    help = "Re-wrap every sealed signing key under KEY_ENCRYPTION_KEY."
    # Its own report names what does not open; the checks would refuse before it.
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run, and say what was done and what is left."""
        done = rewrapping.rewrap()
        left = [key.thumbprint for key in rewrapping.not_under_present_key()]
        self.stdout.write(
            f"{done.moved} re-wrapped, {rewrapping.count_sealed() - len(left)} of"
            f" {rewrapping.count_sealed()} sealed keys are under KEY_ENCRYPTION_KEY."
        )
        if done.shut:
            raise CommandError(
                "Neither KEY_ENCRYPTION_KEY nor KEY_ENCRYPTION_KEY_PREVIOUS opens "
                + ", ".join(done.shut)
                + ". Set KEY_ENCRYPTION_KEY_PREVIOUS to the one they were sealed under."
            )
        if left:
            raise CommandError(
                f"{len(left)} keys changed meanwhile or were made by a process that still runs"
                " under the previous key. Restart every process, then run this again."
            )
        self.stdout.write("KEY_ENCRYPTION_KEY_PREVIOUS may be removed.")
