"""Verify a code, a link or a file from the command line."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from verification import evidence, offline, reading
from verification.document import offline_document, verdict_document
from verification.lookup import CouldNotCheck
from verification.reading import SIZE_LIMIT, CannotCheck
from verification.verdict import State, Verdict

_NOT_IN_FORCE, _COULD_NOT_CHECK = 1, 2
_LONGEST_PATH, _LONGEST_NAME = 1000, 255
_FILES = {".pdf", ".png", ".jpg", ".jpeg", ".jws", ".jwt"}
_WHY = {
    State.EXPIRED: "its time is over.",
    State.REVOKED: "it was withdrawn.",
    State.SUPERSEDED: "it was replaced by a newer certificate.",
    State.UNKNOWN: "nothing was issued under this code. Ask the holder for the link.",
    State.MISTYPED: "the code has a typing mistake. Compare it with the certificate.",
    State.MALFORMED: "this is no code, no link and no file. A code has 28 letters and digits.",
    State.ALTERED: "what is signed was changed or damaged. Ask the issuer for the original.",
    State.COMPROMISED: "the key that signed it was stolen, and it is not on record from before.",
}
_SHOWN = (
    "recipient_name",
    "achievement_name",
    "completed_at",
    "issued_at",
    "expires_at",
    "revoked_at",
)


class Command(BaseCommand):
    """`verify EVIDENCE`: exit 0 issued and in force, 1 not, 2 could not check."""

    help = (
        "Verify a code, a link of this installation, a PDF, a baked PNG, a signed document or a "
        "photo of a QR code. Exit status: 0 issued and in force, 1 not, 2 could not check. "
        "With --offline and a key set, what is signed is checked without any record: 0 signed "
        "and not expired, whether withdrawn is not known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("evidence", metavar="FILE_OR_CODE_OR_LINK")
        parser.add_argument("--json", action="store_true", help="The verdict as one JSON object.")
        parser.add_argument(
            "--offline", action="store_true", help="Ask no record: the signature alone."
        )
        parser.add_argument(
            "--jwks", type=Path, metavar="FILE", help="The issuer's key set, for --offline."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Examine, say the verdict, and let the exit status agree with it."""
        if options["offline"] != bool(options["jwks"]):
            raise CommandError("--offline and --jwks FILE go together", returncode=_COULD_NOT_CHECK)
        now = timezone.now()
        try:
            if options["offline"]:
                verdict, document = _offline(options["evidence"], options["jwks"], now)
            else:
                verdict, document = _on_record(options["evidence"], now)
        except CannotCheck as error:
            raise CommandError(str(error), returncode=_COULD_NOT_CHECK) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename}: {error.strerror}", returncode=_COULD_NOT_CHECK
            ) from error
        except (CouldNotCheck, DatabaseError) as error:
            raise CommandError(
                "The records cannot be reached.", returncode=_COULD_NOT_CHECK
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self._tell(document)
        is_good = verdict.in_force or (options["offline"] and verdict.state is State.IN_FORCE)
        if not is_good:
            why = _WHY[verdict.state]
            raise CommandError(f"Not in force: {why}", returncode=_NOT_IN_FORCE)

    def _tell(self, document: Mapping[str, Any]) -> None:
        self.stdout.write(f"result: {document['result']}")
        certificate = document.get("certificate", {})
        for name in _SHOWN:
            if certificate.get(name):
                self.stdout.write(f"{name}: {certificate[name]}")
        if "issuer" in document:
            issuer = document["issuer"]
            self.stdout.write(f"issuer: {issuer.get('name') or issuer['url']}")
        for check in document["checks"]:
            self.stdout.write(f"  {check['name']}: {check['outcome']}. {check['detail']}")


def _on_record(given: str, now: datetime) -> tuple[Verdict, dict[str, Any]]:
    content = _content(given)
    if content is None:
        report = evidence.examine_text(text=given, now=now)
    else:
        report = evidence.examine_file(content=content, now=now)
    return report.verdict, verdict_document(report)


def _offline(given: str, jwks: Path, now: datetime) -> tuple[Verdict, dict[str, Any]]:
    content = _content(given)
    text = given if content is None else _text_in(content)
    signed = text.strip()
    if not reading.is_document(signed):
        _, signed = reading.split_statement(signed)
    if not signed:
        raise CannotCheck(
            "Nothing is signed in it. A code or a link alone can be checked online only."
        )
    try:
        keys = offline.read_key_set(jwks.read_text(encoding="utf-8"))
        judgement = offline.judge(signed, keys=keys, now=now)
    except (offline.BadKeySet, UnicodeDecodeError) as error:
        raise CannotCheck(f"{jwks.name}: {error}") from error
    except offline.NoSuchKey as error:
        raise CannotCheck(
            f"{jwks.name} holds no key {error}. It was fetched before that key was made, the key "
            "was stolen and withdrawn, or somebody else signed this."
        ) from error
    return judgement.verdict, offline_document(judgement, now=now)


def _text_in(content: bytes) -> str:
    """Return what is signed in a file, or what its QR code says."""
    text = reading.text_of(content)
    if text is not None:
        return text
    document = reading.document_in(content)
    if document or not reading.is_picture(content):
        return document
    return reading.code_in(content)


def _content(given: str) -> bytes | None:
    """Return a file's bytes, None for what is none.

    One that is absent must not be answered as a wrong code.
    """
    path = Path(given)
    if "://" in given or len(given) > _LONGEST_PATH or len(path.name) > _LONGEST_NAME:
        return None
    if path.suffix.lower() not in _FILES and not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(SIZE_LIMIT + 1)
