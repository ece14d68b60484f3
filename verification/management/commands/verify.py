"""Verify a code, a link or a file from the command line."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from verification import evidence, texts
from verification.document import verdict_document
from verification.lookup import CouldNotCheck, Report
from verification.refusals import Refused
from verification.verdict import State

_NOT_IN_FORCE, _COULD_NOT_CHECK = 1, 2
_LONGEST_PATH = 1000
_FILES = {".pdf", ".png", ".svg", ".json", ".jws", ".jwt", ".jpg", ".jpeg", ".webp"}
_WHY = {
    State.EXPIRED: "its time is over.",
    State.REVOKED: "it was withdrawn.",
    State.SUPERSEDED: "it was replaced by a newer certificate.",
    State.UNKNOWN: "nothing was issued under this code. Ask the holder for the link.",
    State.MISTYPED: "the code has a typing mistake. Compare it with the certificate.",
    State.MALFORMED: "this is no code, no link and no file. A code has 28 letters and digits.",
    State.ALTERED: "what is signed was changed or damaged. Ask the issuer for the original.",
    State.ELSEWHERE: "it was not issued here. Ask the service that issued it.",
    State.COMPROMISED: "the key that signed it was stolen, and it is not on record from before.",
}
_SHOWN = ("recipient_name", "achievement_name", "issued_at", "expires_at", "revoked_at")


class Command(BaseCommand):
    """`verify FILE_OR_CODE_OR_LINK`: exit 0 issued and in force, 1 not, 2 could not check."""

    help = (
        "Verify a code, a link of this installation, a PDF, a badge, a signed document or a photo "
        "of a QR code. "
        "Exit status: 0 issued and in force, 1 not, 2 could not check."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("evidence", metavar="FILE_OR_CODE_OR_LINK")
        parser.add_argument("--json", action="store_true", help="The verdict as one JSON object.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Examine, say the verdict, and let the exit status agree with it."""
        try:
            report = _examine(options["evidence"])
        except Refused as error:
            raise CommandError(str(error), returncode=_COULD_NOT_CHECK) from error
        except OSError as error:
            raise CommandError(
                f"{options['evidence']}: {error.strerror}", returncode=_COULD_NOT_CHECK
            ) from error
        except (CouldNotCheck, DatabaseError) as error:
            raise CommandError(
                "The records cannot be reached.", returncode=_COULD_NOT_CHECK
            ) from error
        document = verdict_document(report)
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self._tell(document)
        if not report.verdict.in_force:
            why = _WHY[report.verdict.state]
            raise CommandError(f"Not in force: {why}", returncode=_NOT_IN_FORCE)

    def _tell(self, document: dict[str, Any]) -> None:
        self.stdout.write(f"result: {document['result']}")
        certificate = document.get("certificate", {})
        for name in _SHOWN:
            if certificate.get(name):
                self.stdout.write(f"{name}: {certificate[name]}")
        if "issuer" in document:
            self.stdout.write(f"issuer: {document['issuer']['name']}")
        for check in document["checks"]:
            self.stdout.write(f"  {check['name']}: {check['outcome']}. {check['detail']}")
        for row in document.get("comparison", []):
            if row["outcome"] == "failed":
                self.stdout.write(
                    f"  {row['name']}: in the file {row['printed']!r}, signed {row['signed']!r}"
                )


def _examine(given: str) -> Report:
    now = timezone.now()
    if not _is_file(given):
        return texts.examine_text(text=given, now=now)
    with Path(given).open("rb") as file:
        content = file.read(settings.VERIFY_FILE_LIMIT + 1)
    return evidence.examine_file(content=content, now=now)


def _is_file(given: str) -> bool:
    """Say whether a file is meant. One that is absent must not be answered as a wrong code."""
    if "://" in given or len(given) > _LONGEST_PATH:
        return False
    path = Path(given)
    return path.suffix.lower() in _FILES or path.is_file()
