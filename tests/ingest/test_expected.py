"""Every line of the bad file gets the answer of the samples' own table."""

import re

import pytest

from ingest import imports
from ingest.summary import Summary
from tests.ingest.conftest import NOW, SAMPLES

_ROW = re.compile(r"\| (\d+) \| ([^|]+) \| (accept|skip|reject|either) \| ([^|]*)\|")


def table() -> list[tuple[int, str, str, set[str]]]:
    """Return line, case, outcome and suggested codes, as the table states them."""
    text = (SAMPLES / "expected.md").read_text(encoding="utf-8")
    section = text.split("## completions-bad.csv")[1].split("\n## ")[0]
    return [
        (int(line), case, outcome, set(re.findall(r"`(\w+)`", codes)))
        for line, case, outcome, codes in _ROW.findall(section)
    ]


@pytest.fixture
def summary(tenants: dict[str, object]) -> Summary:
    content = (SAMPLES / "completions-bad.csv").read_bytes()
    return imports.import_file(content=content, tenant=None, source="csv", now=NOW)


def test_the_table_was_read() -> None:
    assert len(table()) == 69


def test_every_line_has_the_outcome_of_the_table(summary: Summary) -> None:
    accepted = set(summary.waiting.values())
    refused = set(summary.errors())
    wrong = []
    for line, case, outcome, _ in table():
        found = "accept" if line in accepted else "reject" if line in refused else "skip"
        if outcome not in ("either", found):
            wrong.append((line, case, outcome, found))
    assert wrong == []


def test_whatever_is_not_plainly_accepted_says_why_in_the_tables_words(summary: Summary) -> None:
    codes: dict[int, set[str]] = {}
    for problem in summary.problems:
        codes.setdefault(problem.line, set()).add(problem.code)
    accepted = set(summary.waiting.values())
    silent = [
        (line, case)
        for line, case, _, suggested in table()
        if line not in accepted and not suggested & codes.get(line, set())
    ]
    assert silent == []


def test_no_line_is_lost_or_answered_twice(summary: Summary) -> None:
    lines = {line for line, *_ in table()}
    assert set(summary.waiting.values()) | {one.line for one in summary.problems} <= lines
    assert len(summary.waiting) + summary.skipped + summary.refused == summary.rows == 69
