"""What the service writes for spreadsheets is text and nothing else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.csv import read_csv
from ingest.formats.spreadsheet import SafeWriter, neutral, write_errors

HEADER = "event_id,recipient_id,recipient_name,course_id,course_version_id,completed_at"


class TestNeutral:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_puts_an_apostrophe_before_what_would_run(self, start: str) -> None:
        assert neutral(f"{start}1+1") == f"'{start}1+1"

    def test_leaves_text_alone(self) -> None:
        assert neutral("Ana = Lopes") == "Ana = Lopes"


class TestSafeWriter:
    @given(st.lists(st.text(max_size=10), min_size=1, max_size=4))
    def test_writes_one_record_of_quoted_harmless_cells(self, cells: list[str]) -> None:
        file = io.StringIO(newline="")
        SafeWriter(file).write(cells)
        (read,) = csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)
        assert file.getvalue().startswith('"')
        assert len(read) == len(cells)
        assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for cell in read if cell)


class TestWriteErrors:
    def test_gives_each_bad_row_back_after_its_line_and_what_is_wrong(self) -> None:
        content = f"{HEADER}\na,b,=1+1,c,d,e\nf,g,Ana,h,i,j\nk,l\n".encode()
        file = io.StringIO(newline="")
        write_errors(file, read_csv(content), {2: "is bad", 4: "has 2 columns"})
        assert file.getvalue().splitlines() == [
            '"line","problem",' + ",".join(f'"{name}"' for name in HEADER.split(",")),
            '"2","is bad","a","b","\'=1+1","c","d","e"',
            '"4","has 2 columns","k","l"',
        ]

    def test_gives_no_endless_cell_back(self) -> None:
        content = f"{HEADER}\na,b,{'n' * 100_000},c,d,e\n".encode()
        file = io.StringIO(newline="")
        write_errors(file, read_csv(content), {2: "is too long"})
        assert len(file.getvalue()) < 2_000
