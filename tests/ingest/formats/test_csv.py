"""The plain import: headers, rows, limits, and never an exception."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import csv
from ingest.formats.csv import Row, read_csv
from ingest.formats.text import RefusedFile

SAMPLES = Path(__file__).parents[3] / "samples"
HEADER = "event_id,recipient_id,recipient_name,course_id,course_version_id,completed_at"
ROW = "e1,r1,Ana,C,1,2026-01-01T00:00:00Z"


def rows(*lines: str, header: str = HEADER) -> list[Row]:
    return list(read_csv("\n".join([header, *lines]).encode()).rows())


def codes(found: Iterable[Row]) -> list[str]:
    return [row.problem.code if row.problem else "" for row in found]


class TestReadCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_finds_the_delimiter_from_the_header(self, delimiter: str) -> None:
        (row,) = rows(ROW.replace(",", delimiter), header=HEADER.replace(",", delimiter))
        assert row.values["recipient_name"] == "Ana"

    def test_knows_columns_in_any_order_case_and_spacing(self) -> None:
        header = "Completed_At, RECIPIENT_NAME ,event id,recipient_id,course_id,course_version_id"
        (row,) = rows("t,Ana,e1,r1,C,1", header=header)
        assert row.values["completed_at"] == "t"
        assert row.values["event_id"] == "e1"

    def test_ignores_columns_it_does_not_know_and_says_which(self) -> None:
        sheet = read_csv(f"{HEADER}, Cohort \n{ROW},2026\n".encode())
        assert sheet.ignored == ("Cohort",)
        assert "cohort" not in next(sheet.rows()).values

    @pytest.mark.parametrize(
        ("content", "code", "reason"),
        [
            ("", "empty_file", "The file is empty."),
            ("\ufeff", "empty_file", "The file is empty."),
            (f"{HEADER}\n", "no_rows", "header and no rows"),
            (HEADER, "no_rows", "header and no rows"),
            (f"{HEADER},event_id\n{ROW},e\n", "duplicate_column", "names event_id twice"),
            (f"{HEADER[9:]}\n{ROW[3:]}\n", "missing_column", "There is no column event_id"),
            ("one,two\n1,2\n", "not_csv", "names no column we know"),
            (f'"{HEADER}\n{ROW}\n', "not_csv", "names no column we know"),
        ],
    )
    def test_refuses_a_file_in_plain_words(self, content: str, code: str, reason: str) -> None:
        with pytest.raises(RefusedFile, match=reason) as caught:
            read_csv(content.encode())
        assert caught.value.code == code

    def test_refuses_too_many_rows_before_any_is_read(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(csv, "ROW_LIMIT", 2)
        assert read_csv(f"{HEADER}\n{ROW}\n{ROW}\n".encode()).row_count == 2
        with pytest.raises(RefusedFile, match="more than 2 rows"):
            read_csv(f"{HEADER}\n{ROW}\n{ROW}\n{ROW}\n".encode())


class TestRows:
    def test_passes_over_blank_lines_and_keeps_the_numbers_right(self) -> None:
        found = rows(ROW, "", ",,,,,", " \u00a0,,,,,", ROW)
        assert codes(found) == ["", "blank", "blank", "blank", ""]
        assert [row.line for row in found] == [2, 3, 4, 5, 6]

    def test_passes_over_a_second_header(self) -> None:
        assert codes(rows(ROW, HEADER.upper(), ROW)) == ["", "repeated_header", ""]

    @pytest.mark.parametrize("row", ["e1,r1,Ana", f"{ROW},more", "e1,r1,Okafor, Maya,C,1,now"])
    def test_refuses_a_row_with_another_number_of_columns(self, row: str) -> None:
        assert codes(rows(row, ROW)) == ["wrong_column_count", ""]

    def test_refuses_a_field_over_the_limit_and_quotes_little_of_it(self) -> None:
        (row,) = rows(ROW.replace("Ana", "N" * 10_001))
        assert row.problem is not None
        assert row.problem.code == "field_too_long"
        assert row.problem.value == "N" * 60

    def test_refuses_only_the_row_whose_bytes_are_no_text(self) -> None:
        content = f"{HEADER}\n{ROW}\nJOSÉ\n{ROW}\n".replace("Ana", "Æsa").encode()
        content = content.replace("JOSÉ".encode(), ROW.encode().replace(b"Ana", b"Jos\xe9"))
        found = list(read_csv(content).rows())
        assert codes(found) == ["", "bad_encoding", ""]
        assert found[1].line == 3

    @given(st.binary(max_size=400))
    def test_answers_any_bytes_with_rows_or_a_refusal(self, noise: bytes) -> None:
        for content in (noise, HEADER.encode() + b"\n" + noise, b"\xff\xfe" + noise):
            try:
                found = list(read_csv(content).rows())
            except RefusedFile:
                continue
            lines = [row.line for row in found]
            assert lines == sorted(set(lines))
            assert lines[0] > 1

    @given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1252", "shift_jis"]))
    def test_answers_any_text_in_any_encoding(self, text: str, encoding: str) -> None:
        content = f"{HEADER}\n{ROW}\n{text}".encode(
            encoding, "surrogatepass" if encoding.startswith("utf") else "replace"
        )
        try:
            found = list(read_csv(content, encoding=encoding).rows())
        except RefusedFile:
            return
        assert found[0].line == 2

    def test_counts_the_rows_it_yields(self) -> None:
        sheet = read_csv((SAMPLES / "completions-bad.csv").read_bytes())
        assert sheet.row_count == len(list(sheet.rows())) == 69
