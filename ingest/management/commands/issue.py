"""Issue certificates for the completions in a file: the main job, from the command line."""

import io
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone
from tqdm import tqdm

from ingest import imports, waiting
from ingest.formats.csv import read_csv
from ingest.formats.spreadsheet import write_errors
from ingest.formats.text import SIZE_LIMIT, RefusedFile
from ingest.summary import COUNTS, Summary
from tenants.models import Tenant

_REFUSED_ROWS, _NOTHING_DONE = 1, 2
_SHOWN = 20


class Command(BaseCommand):
    """`issue FILE`: exit 0 nothing refused, 1 some rows refused, 2 nothing could be done."""

    help = (
        "Issue certificates for the completions in a CSV file. Running it again changes nothing. "
        "Exit status: 0 nothing refused, 1 some rows refused, 2 the file was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--tenant",
            metavar="SLUG",
            help="Every row is this tenant's. Without it (embedded mode only) each row goes to "
            "the tenant whose catalogue holds its course version.",
        )
        parser.add_argument("--format", choices=["csv"], default="csv")
        parser.add_argument("--encoding", default="", help="Default: by byte order mark, UTF-8.")
        parser.add_argument("--backfill", action="store_true", help="Old completions: no alarms.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen.")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="Refused rows, as CSV.")
        parser.add_argument("--json", action="store_true", help="One JSON object on stdout.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, wait, and say what happened."""
        try:
            content = _content(options["file"])
            summary = self._issue(content, options)
            if options["errors"]:
                _write_errors(options["errors"], content, options["encoding"], summary)
        except RefusedFile as error:
            self._report(_refusal(error), options)
            raise CommandError(
                f"{options['file']}: {error.reason} {error.remedy}".rstrip(),
                returncode=_NOTHING_DONE,
            ) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(str(error), returncode=_NOTHING_DONE) from error
        self._report(summary, options)
        if summary.refused:
            raise CommandError(f"{summary.refused:,} rows refused", returncode=_REFUSED_ROWS)

    def _issue(self, content: bytes, options: dict[str, Any]) -> Summary:
        tenant = _tenant(options["tenant"])
        with tqdm(unit=" rows", file=sys.stderr, disable=None, leave=False) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            summary = imports.import_file(
                content=content,
                tenant=tenant,
                source=options["format"],
                now=timezone.now(),
                backfill=options["backfill"],
                dry_run=options["dry_run"],
                encoding=options["encoding"],
                on_progress=show,
            )
        total = len(summary.waiting)
        with tqdm(
            total=total, unit=" certificates", file=sys.stderr, disable=None, leave=False
        ) as bar:
            waiting.wait(
                summary=summary,
                clock=timezone.now,
                pause=time.sleep,
                on_progress=lambda left: bar.update(total - left - bar.n),
            )
        return summary

    def _report(self, summary: Summary, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(summary.document(), ensure_ascii=False))
            return
        if not summary.rows:
            return
        would = "would be " if options["dry_run"] else ""
        told = [f"{getattr(summary, name):,} {would}{name}" for name in COUNTS]
        found = [one for one in told if not one.startswith("0 ")]
        self.stdout.write(f"{summary.rows:,} rows: {', '.join(found)}")
        warnings = Counter(one.code for one in summary.problems if one.severity == "warning")
        for code, count in sorted(warnings.items()):
            self.stdout.write(f"  {code}: {count:,}")
        errors = sorted(summary.errors().items())
        for line, reasons in errors[:_SHOWN]:
            self.stdout.write(f"  line {line:,}: {reasons}")
        if len(errors) > _SHOWN:
            self.stdout.write(
                f"  and {len(errors) - _SHOWN:,} more lines; --errors FILE keeps them all"
            )


def _content(path: Path) -> bytes:
    """Return a file's bytes, but never more of them than an import may have."""
    with path.open("rb") as file:
        return file.read(SIZE_LIMIT + 1)


def _tenant(slug: str | None) -> Tenant | None:
    if slug is None:
        if not settings.EMBEDDED:
            raise CommandError("Name the tenant with --tenant.", returncode=_NOTHING_DONE)
        return None
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {slug!r}.", returncode=_NOTHING_DONE)
    return tenant


def _write_errors(path: Path, content: bytes, encoding: str, summary: Summary) -> None:
    text = io.StringIO(newline="")
    write_errors(text, read_csv(content, encoding=encoding), summary.errors())
    # With its byte order mark a spreadsheet reads it as UTF-8.
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _refusal(error: RefusedFile) -> Summary:
    """Return the summary of a file of which nothing was imported."""
    summary = Summary()
    summary.refuse(code=error.code, reason=error.reason, remedy=error.remedy)
    return summary
