"""Take the steps of the rotation that are due, or begin one now."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from signing import rotation, timetable
from signing.models import SigningKey
from signing.moves import Overtaken
from signing.rotation import Done
from signing.timetable import What
from tenants.models import Tenant

_Purpose = SigningKey.Purpose
_State = SigningKey.State
_POLL_SECONDS = 0.5
_AHEAD = {
    What.PUBLISH: "its successor is published",
    What.ACTIVATE: "it begins to sign",
    What.DESTROY: "its private part is destroyed",
}


class Command(BaseCommand):
    """`rotate_keys [--now] [--wait] [--purpose PURPOSE] [--tenant SLUG]`."""

    help = (
        "Take the due steps of the rotation, of every owner's keys. With --now: publish a next key "
        "of the platform (or of --tenant) at once; it signs after 2 x JWKS_MAX_AGE."
    )
    clock = staticmethod(timezone.now)
    pause = staticmethod(time.sleep)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--now", action="store_true", help="Begin a rotation at once.")
        parser.add_argument("--wait", action="store_true", help="Return when the next key signs.")
        parser.add_argument(
            "--purpose", choices=_Purpose.values, help="Default: every purpose that has keys."
        )
        parser.add_argument(
            "--tenant", metavar="SLUG", help="Its own keys; --now gives it some if it has none."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what was done and what comes next."""
        tenant = _tenant(options["tenant"])
        keys = SigningKey.objects.select_related("tenant")
        if options["purpose"]:
            keys = keys.filter(purpose=options["purpose"])
        if tenant or options["now"]:
            keys = keys.filter(tenant=tenant)
        moved = self._begin(keys, tenant, options)
        moved |= self._advance(keys)
        if options["wait"]:
            self._wait(keys)
        self._say_what_comes(keys, moved=moved)

    def _begin(
        self, keys: QuerySet[SigningKey], tenant: Tenant | None, options: dict[str, Any]
    ) -> bool:
        """Publish what was asked for; say whether anything was."""
        if options["now"]:
            purposes = [options["purpose"]] if options["purpose"] else _purposes_of(keys)
            wait = timetable.shortest_wait()
        elif keys.exists():
            return False
        elif tenant is not None:
            raise CommandError(
                f"{tenant.slug} has no such keys of its own: the platform's sign for it. "
                "To give it some, add --now.",
                returncode=2,
            )
        else:
            purposes, wait = [options["purpose"] or _Purpose.CREDENTIAL_JWS], timetable.wait()
        for purpose in purposes:
            try:
                key = rotation.start(
                    tenant=tenant, purpose=_Purpose(purpose), wait=wait, now=self.clock()
                )
            except Overtaken as error:
                raise CommandError(f"{error}: run the command again.", returncode=1) from error
            self._say(
                key,
                "made, and signs at once: it is the first, no cached key set can lack it."
                if key.state == _State.ACTIVE
                else f"published, it signs from {_text(key.activates_at)}.",
            )
        return True

    def _advance(self, keys: QuerySet[SigningKey]) -> bool:
        """Take what is due; say whether anything was."""
        steps = rotation.advance(now=self.clock(), among=keys)
        for step in steps:
            match step.done:
                case Done.PUBLISHED:
                    self._say(step.key, f"published, it signs from {_text(step.key.activates_at)}.")
                case Done.ACTIVATED:
                    self._say(step.key, "signs now; the former key only verifies.")
                case Done.DESTROYED:
                    self._say(step.key, "private part destroyed; it goes on verifying.")
        failed = [step for step in steps if step.done is Done.ROLLED_BACK]
        if failed:
            told = "; ".join(f"{step.key.thumbprint}: {step.reason}" for step in failed)
            raise CommandError(
                f"Rolled back, the former key goes on signing. {told}. "
                "What to do: docs/journeys/key-rotation.md, “It was rolled back”.",
                returncode=1,
            )
        return bool(steps)

    def _wait(self, keys: QuerySet[SigningKey]) -> None:
        """Return when every key that waits now has begun to sign, whoever saw to it."""
        waiting = keys.filter(state=_State.NEXT)
        awaited = set(waiting.values_list("pk", flat=True))
        while awaited:
            self._advance(keys)
            awaited &= set(waiting.values_list("pk", flat=True))
            if awaited:
                self.pause(_POLL_SECONDS)

    def _say_what_comes(self, keys: QuerySet[SigningKey], *, moved: bool) -> None:
        if not moved:
            self.stdout.write("Nothing is due.")
        ahead = timetable.steps(keys.exclude(state__in=[_State.DESTROYED, _State.COMPROMISED]))
        for due in ahead[:1]:
            self._say(due.key, f"{_AHEAD[due.what]} on {_text(due.at)}.", "Next step: ")

    def _say(self, key: SigningKey, what: str, before: str = "") -> None:
        owner = key.tenant.slug if key.tenant else "platform"
        self.stdout.write(f"{before}{owner} {key.purpose} {key.thumbprint}: {what}")


def _tenant(slug: str | None) -> Tenant | None:
    if not slug:
        return None
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {slug!r}.", returncode=2)
    return tenant


def _purposes_of(keys: QuerySet[SigningKey]) -> Sequence[str]:
    """Return the purposes that have a key which signs or will; for a newcomer the main one."""
    live = keys.filter(state__in=[_State.NEXT, _State.ACTIVE])
    return sorted(set(live.values_list("purpose", flat=True))) or [_Purpose.CREDENTIAL_JWS]


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
