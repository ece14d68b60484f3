"""A plain CSV file of completions to rows with their line numbers, or a refusal. Pure."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from certificates.completion import FieldProblem, shown
from ingest.formats.records import FIELD_LIMIT, Record, mended, records
from ingest.formats.text import RefusedFile, Text, is_undecoded, read_text

ROW_LIMIT = 200_000
REQUIRED = (
    "event_id",
    "recipient_id",
    "recipient_name",
    "course_id",
    "course_version_id",
    "completed_at",
)
OPTIONAL = ("recipient_email", "course_title", "grade", "language")
_COLUMNS = frozenset(REQUIRED + OPTIONAL)
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first physical line, its cells as they stand, its values by column.

    A row with a problem has no values: an error refuses it, a warning says why it is passed
    over (a blank line, a second header).
    """

    line: int
    cells: list[str]
    values: Mapping[str, str] = field(default_factory=dict)
    problem: FieldProblem | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that can be imported: its header was understood, its rows counted."""

    text: Text
    delimiter: str
    header: tuple[str, ...]
    row_count: int
    ignored: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield every row below the header, in order."""
        columns = [_column(name) for name in self.header]
        for record in _body(self.text, self.delimiter, len(columns)):
            problem = _problem(record, columns)
            if problem is not None:
                yield Row(record.line, record.cells, problem=problem)
            else:
                values = zip(columns, record.cells, strict=True)
                yield Row(
                    record.line,
                    record.cells,
                    {column: cell for column, cell in values if column in _COLUMNS},
                )


def read_csv(content: bytes, *, encoding: str = "") -> Sheet:
    """Understand a file's encoding, delimiter and header. Raises RefusedFile.

    The file is read once to its end here, so that whatever refuses the whole of it is known
    before its first row is imported.
    """
    text = read_text(content, encoding=encoding)
    delimiter, header = _header(text)
    columns = [_column(name) for name in header]
    twice = sorted({name for name in columns if name in _COLUMNS and columns.count(name) > 1})
    if twice:
        raise RefusedFile(
            "duplicate_column",
            f"The header names {_listed(twice)} twice.",
            "Remove one of the columns.",
        )
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise RefusedFile(
            "missing_column", f"There is no column {_listed(missing)}.", "Add it to the header."
        )
    rows = sum(1 for _ in itertools.islice(_body(text, delimiter, len(columns)), ROW_LIMIT + 1))
    if rows > ROW_LIMIT:
        raise RefusedFile(
            "too_many_rows", f"The file has more than {ROW_LIMIT:,} rows.", "Split it."
        )
    if not rows:
        raise RefusedFile("no_rows", "The file has a header and no rows.")
    ignored = tuple(
        name.strip() for name in header if name.strip() and _column(name) not in _COLUMNS
    )
    return Sheet(text, delimiter, tuple(header), rows, ignored)


def _header(text: Text) -> tuple[str, list[str]]:
    """Return the delimiter under which most columns are known, and the header's cells."""
    best, known, header = "", 0, [""]
    for delimiter in _DELIMITERS:
        first = next(records(text.lines(), delimiter=delimiter), None)
        if first is None:
            raise RefusedFile("empty_file", "The file is empty.")
        count = len({_column(cell) for cell in first.cells} & _COLUMNS)
        if count > known and not first.flaw:
            best, known, header = delimiter, count, first.cells
    if not known:
        raise RefusedFile(
            "not_csv",
            "This is not a CSV file of completions: its first line names no column we know.",
            f"Begin with a header of {_listed(REQUIRED)}.",
        )
    return best, header


def _body(text: Text, delimiter: str, width: int) -> Iterator[Record]:
    found = records(text.lines(), delimiter=delimiter)
    next(found)
    return mended(found, width=width)


def _problem(record: Record, columns: list[str]) -> FieldProblem | None:
    """Return what stands in the way of reading a record's values."""
    if not any(cell.strip() for cell in record.cells):
        return FieldProblem("", "blank", "is blank; passed over", "warning")
    if record.flaw:
        return FieldProblem(
            "", record.flaw, record.remark, remedy="Quote the field as RFC 4180 does."
        )
    if problem := _cell_problem(record.cells, columns):
        return problem
    # The first cell tells nearly every row from a header.
    if _column(record.cells[0]) == columns[0] and [*map(_column, record.cells)] == columns:
        return FieldProblem("", "repeated_header", "repeats the header; passed over", "warning")
    if len(record.cells) != len(columns):
        return FieldProblem(
            "",
            "wrong_column_count",
            f"has {len(record.cells)} columns; the header has {len(columns)}",
            remedy="Put a field that holds the delimiter in quotes.",
        )
    return None


def _cell_problem(cells: list[str], columns: list[str]) -> FieldProblem | None:
    if all(cell.isascii() and len(cell) <= FIELD_LIMIT for cell in cells):
        return None
    for cell, column in itertools.zip_longest(cells, columns[: len(cells)], fillvalue=""):
        if is_undecoded(cell):
            return FieldProblem(
                column,
                "bad_encoding",
                "holds bytes that are no text in this file's encoding",
                remedy="Save the file as CSV (UTF-8).",
                value=shown(cell),
            )
        if len(cell) > FIELD_LIMIT:
            return FieldProblem(
                column,
                "field_too_long",
                f"has more than {FIELD_LIMIT:,} characters",
                remedy="Shorten it.",
                value=shown(cell),
            )
    return None


def _column(name: str) -> str:
    """Return a header's cell as our columns are written."""
    return "_".join(name.replace("\ufeff", "").casefold().split())


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names)
