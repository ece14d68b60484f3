"""Write CSV that a spreadsheet opens as text and never runs. Pure."""

import csv
from collections.abc import Iterable, Mapping
from typing import TextIO

from ingest.formats.csv import Sheet

# OWASP, CSV injection: what makes a spreadsheet read a cell as a formula.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


# Nobody mends a longer cell by hand; what was refused for its length must not come back whole.
_CELL_LIMIT = 1_000


class SafeWriter:
    """Writes rows: every field quoted, a leading apostrophe before what would be a formula."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")

    def write(self, cells: Iterable[str]) -> None:
        """Write one row."""
        self._writer.writerow([neutral(cell) for cell in cells])


def write_errors(file: TextIO, sheet: Sheet, errors: Mapping[int, str]) -> None:
    """Write the rows that need mending as they came, each after its line and what is wrong."""
    writer = SafeWriter(file)
    writer.write(["line", "problem", *sheet.header])
    for row in sheet.rows():
        if row.line in errors:
            writer.write([str(row.line), errors[row.line], *map(_shortened, row.cells)])


def neutral(cell: str) -> str:
    """Return the cell as text in every spreadsheet, without bytes that are no text."""
    text = cell.encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(_RUNS) else text


def _shortened(cell: str) -> str:
    return cell if len(cell) <= _CELL_LIMIT else f"{cell[:_CELL_LIMIT]}…"
