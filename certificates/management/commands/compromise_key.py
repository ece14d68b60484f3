"""Report a signing key stolen, and follow the signing again of what it signed."""

import sys
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from certificates import resigning, theft
from certificates.moments import read_time
from certificates.theft import BlastRadius
from signing import compromise
from signing.compromise import CannotWithdraw
from signing.models import SigningKey

_TYPED, _LISTED = 6, 20


class Command(BaseCommand):
    """`compromise_key KID --since TIME`: list what lies under the key, then withdraw it."""

    help = (
        "Withdraw a stolen key: it leaves every published set, another one signs at once, and what "
        "it signed before the theft is signed again. Lists the consequences and asks first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("key", metavar="KID_OR_THUMBPRINT")
        parser.add_argument("--since", metavar="TIME", help="When it was stolen, RFC 3339.")
        parser.add_argument("--reason", default="", help="For the audit chain.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--status", action="store_true", help="Only say how far it is.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Withdraw the key, or say how far its certificates are."""
        now = timezone.now()
        try:
            key = compromise.find(options["key"])
            if options["status"]:
                self._say_progress(key)
                return
            since = _time(options["since"])
            compromise.check(key, since=since, reason=options["reason"], now=now)
            self._say(key, theft.blast_radius(key, since=since))
            if not options["yes"]:
                self._ask(key)
            done = resigning.report_theft(
                thumbprint=key.thumbprint,
                since=since,
                reason=options["reason"],
                actor="command:compromise_key",
                now=now,
            )
        except CannotWithdraw as error:
            raise CommandError(str(error)) from error
        for problem in done.problems:
            self.stderr.write(self.style.ERROR(problem))
        if not done.changed:
            self.stdout.write("Nothing to do: this was done before.")
        elif done.replacement is not None:
            self.stdout.write(f"Withdrawn. Key {done.replacement.thumbprint} signs from now on.")
        else:
            self.stdout.write("Withdrawn. It did not sign, so no other key takes its place.")
        self._say_late()
        self.stdout.write(
            "Workers sign the others again, which stay good meanwhile. How far they are:\n"
            f"  manage.py compromise_key --status {key.thumbprint}"
        )

    def _say(self, key: SigningKey, found: BlastRadius) -> None:
        owner = key.tenant.name if key.tenant else "the platform"
        self.stdout.write(
            f"Key {key.thumbprint} of {owner} ({key.get_purpose_display()}, "
            f"{key.get_state_display()}), stolen at {found.since.isoformat()}:"
        )
        lines = (
            ("certificates recorded before", found.before, "stay good and are signed again"),
            ("certificates recorded after", found.after, "become invalid"),
            ("status lists", found.status_lists, "are signed again at once"),
            ("other documents", found.others, "stay as they are"),
        )
        for what, number, becomes in lines:
            self.stdout.write(f"  {what:<30}{number:>9,}  {becomes}")
        if found.oldest and found.newest:
            span = f"{found.oldest:%Y-%m-%d %H:%M} to {found.newest:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"  {'recorded':<30}{span}")
        self.stdout.write(f"  {'signing again takes about':<30}{found.duration} on one worker")
        for share in found.shares:
            self.stdout.write(f"  {share.tenant}: {share.before:,} before, {share.after:,} after")

    def _ask(self, key: SigningKey) -> None:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to confirm. Give --yes.")
        ending = key.thumbprint[-_TYPED:]
        typed = input(f"This cannot be undone. Type the last {_TYPED} characters ({ending}): ")
        if typed.strip() != ending:
            raise CommandError("Not confirmed; nothing was changed.")

    def _say_late(self) -> None:
        late = theft.certificates_too_late(theft.thefts()).order_by("issued_at", "pk")
        ids = [str(pk) for pk in late.values_list("pk", flat=True)[: _LISTED + 1]]
        if not ids:
            return
        self.stdout.write("Invalid now. Review them, and re-issue those that were earned:")
        for one in ids[:_LISTED]:
            self.stdout.write(f"  {one}")
        page = reverse("admin:certificates_certificate_changelist")
        more = "and more: " if len(ids) > _LISTED else ""
        self.stdout.write(f"  {more}{settings.BASE_URL}{page}?trust=stolen")

    def _say_progress(self, key: SigningKey) -> None:
        if key.state != SigningKey.State.COMPROMISED or key.compromised_at is None:
            raise CommandError(f"This key is not withdrawn; it is {key.state}.")
        self.stdout.write(f"Key {key.thumbprint}, stolen at {key.compromised_at.isoformat()}")
        found = resigning.progress(key.thumbprint)
        if found is None:
            self.stdout.write("Nothing counted: it signed no certificate, or no worker runs yet.")
            return
        rest = timedelta(seconds=round(found.remaining / max(found.per_second, 1.0)))
        self.stdout.write(
            f"signed again {found.done:,} of {found.total:,}, {found.per_second:,.0f} a second, "
            f"{found.remaining:,} remain{f', about {rest}' if found.remaining else ': done'}"
        )
        self.stdout.write(f"invalid, recorded after the theft: {found.late:,}")
        if found.refused:
            self.stdout.write(
                f"not signed again: {found.refused:,}. What is stored is not what the key signed; "
                "the log names them."
            )


def _time(text: str | None) -> datetime:
    moment = read_time(text or "")
    if moment is None:
        raise CommandError(
            "Say when the key was stolen, as in --since 2026-03-01T09:00:00Z. Where it is not "
            "known, take the last moment at which it was surely safe."
        )
    return moment
