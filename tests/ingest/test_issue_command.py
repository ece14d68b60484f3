"""`manage.py issue`: options, exit statuses, and one JSON object."""

import csv
import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from certificates.models import Certificate, Completion
from tests.ingest.conftest import NOW, SAMPLES

COUNTS = ("rows", "issued", "skipped", "refused", "held", "review", "ignored")


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("there was something to wait for"))


def issue(path: Path | str, *options: str) -> tuple[int, str, str]:
    """Return exit status, standard output, and what the error says."""
    out = StringIO()
    try:
        call_command("issue", str(path), *options, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def issue_json(name: str, *options: str) -> tuple[int, dict[str, Any]]:
    status, out, _ = issue(SAMPLES / name, *options, "--json")
    document: dict[str, Any] = json.loads(out)
    assert document["rows"] == sum(document[name] for name in COUNTS[1:])
    return status, document


@pytest.mark.usefixtures("issuers")
class TestIssue:
    def test_makes_three_hundred_certificates_and_then_none(self) -> None:
        status, first = issue_json("completions.csv")
        assert status == 0
        assert {name: first[name] for name in COUNTS if first[name]} == {
            "rows": 300,
            "issued": 300,
        }
        assert Certificate.objects.count() == 300
        status, second = issue_json("completions.csv")
        assert (status, second["skipped"], second["issued"]) == (0, 300, 0)
        assert Certificate.objects.count() == 300

    def test_answers_the_bad_file_with_status_one_and_a_problem_by_line(self) -> None:
        status, document = issue_json("completions-bad.csv")
        assert status == 1
        assert document["rows"] == 69
        assert document["held"] == document["review"] == document["ignored"] == 0
        assert (
            Certificate.objects.count()
            == document["issued"]
            == Completion.objects.filter(answered_by__isnull=True).count()
        )
        assert set(document["problems"][0]) == {
            "line",
            "column",
            "value",
            "severity",
            "code",
            "reason",
            "remedy",
        }
        lines = [problem["line"] for problem in document["problems"]]
        assert lines == sorted(lines)

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("windows1252", "bad_encoding"),
            ("empty", "empty_file"),
            ("header-only", "no_rows"),
            ("missing-column", "missing_column"),
            ("duplicate-header", "duplicate_column"),
            ("not-a-csv", "not_csv"),
        ],
    )
    def test_refuses_a_whole_file_with_status_two(self, name: str, code: str) -> None:
        status, document = issue_json(f"completions-{name}.csv")
        assert (status, document["rows"]) == (2, 0)
        assert [problem["code"] for problem in document["problems"]] == [code]
        assert not Completion.objects.exists()

    @pytest.mark.parametrize("name", ["bom", "semicolon", "utf16le", "reordered"])
    def test_takes_each_readable_variant(self, name: str) -> None:
        status, document = issue_json(f"completions-{name}.csv")
        assert (status, document["issued"]) == (0, 6)

    def test_shows_everything_and_writes_nothing_on_a_dry_run(self) -> None:
        _, dry = issue_json("completions-bad.csv", "--dry-run")
        assert not Completion.objects.exists()
        _, wet = issue_json("completions-bad.csv")
        assert dry == wet

    def test_writes_refused_rows_so_that_a_person_can_mend_them(self, tmp_path: Path) -> None:
        errors = tmp_path / "errors.csv"
        _, document = issue_json("completions-bad.csv", "--errors", str(errors))
        with errors.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
        assert header[:4] == ["line", "problem", "event_id", "recipient_id"]
        assert len(rows) == document["refused"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)

    def test_tells_a_person_what_happened_in_a_few_lines(self) -> None:
        status, out, error = issue(SAMPLES / "completions-bad.csv")
        assert status == 1
        assert out.startswith("69 rows: ")
        assert "line 3: recipient_name is empty" in out
        assert "more lines; --errors FILE keeps them all" in out
        assert error.endswith("rows refused")

    def test_sends_all_rows_to_the_tenant_that_is_named(self) -> None:
        status, document = issue_json("completions-bom.csv", "--tenant", "harbourline")
        assert status == 1
        assert document["issued"] + document["refused"] == 6
        assert set(Completion.objects.values_list("tenant__slug", flat=True)) == {"harbourline"}

    def test_marks_old_completions_as_backfill(self) -> None:
        issue_json("completions-bom.csv", "--backfill")
        assert set(Completion.objects.values_list("is_backfill", flat=True)) == {True}

    def test_reads_the_encoding_that_is_named(self) -> None:
        status, document = issue_json("completions-windows1252.csv", "--encoding", "windows-1252")
        assert (status, document["issued"]) == (0, 6)


@pytest.mark.django_db
class TestNothingCanBeDone:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--tenant", "nobody"], "There is no tenant 'nobody'"),
            (["--encoding", "klingon"], "no encoding called 'klingon'"),
        ],
    )
    def test_status_is_two(self, options: list[str], words: str) -> None:
        status, _, error = issue(SAMPLES / "completions.csv", *options)
        assert status == 2
        assert words in error

    def test_status_is_two_without_a_file(self, tmp_path: Path) -> None:
        status, _, error = issue(tmp_path / "absent.csv")
        assert status == 2
        assert "No such file" in error

    def test_asks_for_a_tenant_in_production(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        status, _, error = issue(SAMPLES / "completions.csv")
        assert (status, error) == (2, "Name the tenant with --tenant.")

    def test_offers_no_format_it_cannot_read(self) -> None:
        with pytest.raises(CommandError, match="invalid choice: 'xapi'"):
            call_command("issue", "file", "--format", "xapi")
