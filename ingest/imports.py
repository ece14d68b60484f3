"""Import a file: read it, check each row, hand the good ones to intake in batches."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from certificates import intake
from certificates.completion import REQUIRED, FieldProblem, check_completion
from certificates.intake import Outcome, Receipt
from ingest.formats.csv import Row, Sheet, read_csv
from ingest.grouping import Reported, together
from ingest.routing import Catalogues
from ingest.summary import Summary
from tenants.models import Tenant

_REQUIRED = (*REQUIRED, "course_id")
_SKIPPED = {
    Outcome.DUPLICATE: "was imported before; nothing new",
    Outcome.ALREADY_CERTIFIED: "asks for a certificate that is there already; no second one",
}


def import_file(
    *,
    content: bytes,
    tenant: Tenant | None,
    source: str,
    now: datetime,
    backfill: bool = False,
    dry_run: bool = False,
    encoding: str = "",
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Summary:
    """Take a CSV file of completions in; return what became of each row.

    Without `tenant` each row goes to the tenant whose catalogue holds its course version. Each
    batch is its own transaction and importing is idempotent, so a broken import is simply run
    again. A dry run asks intake the same questions and stores nothing.
    `on_progress` is told rows done and rows in all. Raises RefusedFile.
    """
    sheet = read_csv(content, encoding=encoding)
    job = _Import(Catalogues(tenant=tenant), source, now, backfill, dry_run)
    job.run(sheet, on_progress)
    return job.summary


@dataclass
class _Import:
    """One file on its way in."""

    catalogues: Catalogues
    source: str
    now: datetime
    backfill: bool
    dry_run: bool
    summary: Summary = field(default_factory=Summary)
    batches: dict[Tenant, list[Reported]] = field(default_factory=dict)
    first_lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def run(self, sheet: Sheet, on_progress: Callable[[int, int], None]) -> None:
        """Take every row in, in order within each tenant."""
        for name in sheet.ignored:
            unknown = FieldProblem(name, "unknown_column", "is not known; ignored", "warning")
            self.summary.add(1, [unknown])
        for row in sheet.rows():
            self.summary.rows += 1
            self._take(row)
            on_progress(self.summary.rows, sheet.row_count)
        for tenant, batch in self.batches.items():
            if self.dry_run:
                self._preview(tenant, batch)
            else:
                self._accept(tenant, batch)

    def _take(self, row: Row) -> None:
        if row.problem is not None:
            if row.problem.severity == "warning":
                self.summary.skipped += 1
                self.summary.add(row.line, [row.problem])
            else:
                self._refuse(row.line, [row.problem])
            return
        draft = {**row.values, "is_backfill": self.backfill}
        report, problems = check_completion(draft, now=self.now, required=_REQUIRED)
        if report is None:
            self._refuse(row.line, problems)
            return
        owner = self.catalogues.owner_of(
            course_id=report.course_id, version_id=report.course_version_id
        )
        if isinstance(owner, FieldProblem):
            self._refuse(row.line, [*problems, owner])
            return
        batch = self.batches.setdefault(owner, [])
        batch.append((row.line, report))
        self.first_lines.setdefault((owner.pk, report.event_id), row.line)
        if len(batch) >= intake.CHUNK and not self.dry_run:
            self._accept(owner, batch)
            batch.clear()

    def _accept(self, tenant: Tenant, batch: list[Reported]) -> None:
        receipts = intake.accept(
            tenant=tenant,
            reports=[report for _, report in batch],
            source=self.source,
            now=self.now,
            bulk=True,
        )
        for (line, _), receipt in zip(batch, receipts, strict=True):
            self._note(line, receipt)

    def _preview(self, tenant: Tenant, rows: list[Reported]) -> None:
        """Judge in batches too: one long transaction would keep everybody else waiting."""
        for batch in together(rows, size=intake.CHUNK):
            receipts = intake.preview(
                tenant=tenant,
                reports=[report for _, report in batch],
                source=self.source,
                now=self.now,
            )
            for (line, _), receipt in zip(batch, receipts, strict=True):
                self._note(line, receipt)

    def _note(self, line: int, receipt: Receipt) -> None:
        if receipt.outcome is Outcome.ACCEPTED and receipt.completion is not None:
            if self.dry_run:
                self.summary.issued += 1
            else:
                self.summary.waiting[receipt.completion.pk] = line
            self.summary.add(line, receipt.problems)
        elif receipt.outcome in _SKIPPED:
            self.summary.skipped += 1
            detail = _SKIPPED[receipt.outcome] + self._first(line, receipt)
            self.summary.add(
                line, [FieldProblem("event_id", receipt.outcome.value, detail, "warning")]
            )
        else:
            first = self._first(line, receipt)
            self._refuse(
                line, [replace(one, detail=one.detail + first) for one in receipt.problems]
            )

    def _first(self, line: int, receipt: Receipt) -> str:
        """Say where in this file the event was first reported, if that was another line."""
        if receipt.completion is None:
            return ""
        known = (receipt.completion.tenant_id, receipt.report.event_id)
        first = self.first_lines[known]
        return f" (first on line {first})" if first != line else ""

    def _refuse(self, line: int, problems: list[FieldProblem]) -> None:
        self.summary.refused += 1
        self.summary.add(line, problems)
