"""A file as a whole: counts that add up, and an answer for every line."""

import csv
import io
from collections import Counter
from typing import Any

import pytest

from certificates import intake
from certificates.models import Completion, Recipient
from ingest import imports
from ingest.formats.text import RefusedFile
from ingest.summary import Summary
from outbox.models import OutboxMessage
from tenants.models import Tenant
from tests.factories.rows import (
    make_course,
)
from tests.ingest.conftest import NOW, SAMPLES

HEADER = "event_id,recipient_id,recipient_name,course_id,course_version_id,completed_at"
ROW = "e1,r1,Ana,HL-DATA,3,2026-01-01T00:00:00Z"


def load(content: bytes, **options: Any) -> Summary:
    return imports.import_file(
        content=content, **{"tenant": None, "source": "csv", "now": NOW, **options}
    )


def table(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def codes(summary: Summary) -> list[tuple[int, str]]:
    return sorted((problem.line, problem.code) for problem in summary.problems)


def counted(summary: Summary) -> int:
    """Return how many rows have been counted somewhere."""
    return (
        summary.issued
        + summary.skipped
        + summary.refused
        + summary.held
        + summary.review
        + summary.ignored
        + len(summary.waiting)
    )


@pytest.mark.usefixtures("tenants")
class TestImportFile:
    def test_takes_the_three_hundred_in_and_skips_them_ever_after(self) -> None:
        content = (SAMPLES / "completions.csv").read_bytes()
        first = load(content)
        assert (first.rows, len(first.waiting), first.refused) == (300, 300, 0)
        second = load(content)
        assert (second.rows, second.skipped, second.refused) == (300, 300, 0)
        assert Completion.objects.count() == 300

    def test_keeps_every_name_as_the_file_has_it(self) -> None:
        content = (SAMPLES / "completions.csv").read_bytes()
        load(content)
        given = {
            row["event_id"]: row["recipient_name"]
            for row in csv.DictReader(io.StringIO(content.decode(), newline=""))
        }
        rows = Completion.objects.select_related("recipient")
        assert {row.event_id: row.recipient_name for row in rows} == given

    @pytest.mark.parametrize("name", ["bom", "semicolon", "utf16le", "reordered"])
    def test_reads_each_readable_variant_whole_and_again_as_the_same(self, name: str) -> None:
        content = (SAMPLES / f"completions-{name}.csv").read_bytes()
        assert len(load(content).waiting) == 6
        # The variants repeat rows of the main file, however they are encoded.
        assert load((SAMPLES / "completions.csv").read_bytes()).skipped == 6

    def test_says_which_column_it_ignored(self) -> None:
        summary = load((SAMPLES / "completions-reordered.csv").read_bytes())
        (problem,) = summary.problems
        assert (problem.line, problem.column, problem.code) == (1, "cohort", "unknown_column")

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("windows1252", "not UTF-8"),
            ("empty", "The file is empty"),
            ("header-only", "no rows"),
            ("missing-column", "event_id"),
            ("duplicate-header", "grade twice"),
            ("not-a-csv", "not a CSV file"),
        ],
    )
    def test_refuses_each_unreadable_variant_and_stores_nothing(
        self, name: str, reason: str
    ) -> None:
        with pytest.raises(RefusedFile, match=reason):
            load((SAMPLES / f"completions-{name}.csv").read_bytes())
        assert not Completion.objects.exists()

    def test_reads_windows_1252_when_a_person_says_so(self) -> None:
        content = (SAMPLES / "completions-windows1252.csv").read_bytes()
        assert len(load(content, encoding="windows-1252").waiting) == 6
        assert any("Kröger" in person.name for person in Recipient.objects.all())

    def test_imports_what_stands_before_a_quote_that_is_never_closed(self) -> None:
        summary = load((SAMPLES / "completions-unterminated.csv").read_bytes())
        assert len(summary.waiting) == 1
        assert codes(summary) == [(3, "bad_quoting")]

    def test_writes_nothing_on_a_dry_run_and_answers_the_same(self) -> None:
        content = (SAMPLES / "completions-bad.csv").read_bytes()
        dry = load(content, dry_run=True)
        for model in (Completion, Recipient, OutboxMessage):
            assert not model.objects.exists()
        wet = load(content)
        assert dry.document()["problems"] == wet.document()["problems"]
        assert dry.issued == len(wet.waiting)
        assert (dry.skipped, dry.refused) == (wet.skipped, wet.refused)
        assert counted(dry) == counted(wet) == dry.rows == 69

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_finds_repeats_across_batches(
        self, monkeypatch: pytest.MonkeyPatch, dry_run: bool
    ) -> None:
        monkeypatch.setattr(intake, "CHUNK", 2)
        others = [ROW.replace("e1", f"x{n}").replace("r1", f"x{n}") for n in range(5)]
        summary = load(
            table(ROW, *others, ROW, ROW.replace("Ana", "Eve"), ROW.replace("e1", "e2")),
            dry_run=dry_run,
        )
        assert codes(summary) == [
            (8, "duplicate_same"),
            (9, "duplicate_conflict"),
            (10, "already_certified"),
        ]
        reasons = {problem.line: problem.reason for problem in summary.problems}
        assert "first on line 2" in reasons[8]
        assert "first on line 2" in reasons[9]
        assert (summary.skipped, summary.refused) == (2, 1)

    def test_sends_each_row_to_the_tenant_whose_catalogue_holds_its_course(self) -> None:
        load(table(ROW, ROW.replace("e1", "e2").replace("HL-DATA,3", "NR-101,1.4")))
        owners = Completion.objects.order_by("event_id").values_list("tenant__slug", flat=True)
        assert list(owners) == ["harbourline", "alnahr"]

    def test_guesses_neither_a_version_nor_between_tenants(
        self, tenants: dict[str, Tenant]
    ) -> None:
        make_course(tenants["alnahr"], course_id="HL-DATA", version_id="3")
        summary = load(
            table(
                ROW,
                ROW.replace("HL-DATA,3", "HL-DATA,4"),
                ROW.replace("HL-DATA,3", "HL-FA1,3"),
                ROW.replace("HL-DATA,3", "XX-1,3"),
            )
        )
        assert codes(summary) == [
            (2, "ambiguous_course"),
            (3, "unknown_course_version"),
            (4, "unknown_course_version"),
            (5, "unknown_course"),
        ]

    def test_refuses_another_tenants_course_where_a_tenant_is_named(
        self, tenants: dict[str, Tenant]
    ) -> None:
        summary = load(table(ROW), tenant=tenants["alnahr"])
        assert codes(summary) == [(2, "unknown_course")]

    def test_marks_old_completions(self) -> None:
        load(table(ROW), backfill=True)
        assert Completion.objects.get().is_backfill

    def test_asks_for_the_catalogues_once_and_not_by_row(
        self, django_assert_max_num_queries: Any
    ) -> None:
        rows = [ROW.replace("e1", f"e{n}").replace("r1", f"r{n}") for n in range(300)]
        with django_assert_max_num_queries(30):
            load(table(*rows))

    def test_tells_how_far_it_is(self) -> None:
        seen: list[tuple[int, int]] = []
        load(table(ROW, "", ROW), on_progress=lambda done, total: seen.append((done, total)))
        assert seen == [(1, 3), (2, 3), (3, 3)]

    def test_never_quotes_more_than_sixty_characters(self) -> None:
        summary = load((SAMPLES / "completions-bad.csv").read_bytes())
        assert max(len(problem.value) for problem in summary.problems) == 60
        assert max(len(problem.reason) for problem in summary.problems) < 200

    def test_has_a_problem_for_every_row_it_refuses(self) -> None:
        summary = load((SAMPLES / "completions-bad.csv").read_bytes())
        assert len(summary.errors()) == summary.refused
        assert Counter(problem.severity for problem in summary.problems)["warning"] > 10
