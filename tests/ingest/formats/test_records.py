"""Lines to records: quotes, line numbers, and records that are broken."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.records import FIELD_LIMIT, Record, mended, records

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def read(text: str, delimiter: str = ",") -> list[Record]:
    return list(records(io.StringIO(text, newline=""), delimiter=delimiter))


def cells(text: str) -> list[list[str]]:
    return [record.cells for record in read(text)]


class TestRecords:
    def test_splits_plain_lines(self) -> None:
        assert cells("a,b\r\n,\n") == [["a", "b"], ["", ""]]

    def test_takes_quotes_away_and_doubled_quotes_as_one(self) -> None:
        assert cells('"a","b ""c""",""\n') == [["a", 'b "c"', ""]]

    def test_keeps_delimiters_and_line_breaks_in_quotes(self) -> None:
        assert cells('"a,b\r\nc",d\n') == [["a,b\r\nc", "d"]]

    def test_numbers_records_by_the_line_they_begin_on(self) -> None:
        found = read('a\n"b\n\nb",x\nc\n')
        assert [(one.line, one.last_line) for one in found] == [(1, 1), (2, 4), (5, 5)]

    def test_reads_a_quote_inside_a_plain_field_literally(self) -> None:
        assert cells('Robert 5" Plant,x\nnext,y\n') == [['Robert 5" Plant', "x"], ["next", "y"]]

    def test_flags_text_after_a_closing_quote_and_goes_on(self) -> None:
        first, second = read('"a"b,c\nd,e\n')
        assert (first.flaw, first.cells) == ("bad_quoting", ["ab", "c"])
        assert (second.flaw, second.cells) == ("", ["d", "e"])

    def test_flags_a_quote_that_is_never_closed_with_the_lines_it_took(self) -> None:
        (only,) = read('"a\nb\nc')
        assert only.flaw == "bad_quoting"
        assert "lines 1 to 3 were not imported" in only.remark

    def test_never_reads_rows_out_of_a_quoted_field_however_long(self) -> None:
        smuggled = "evil,row\n" * FIELD_LIMIT
        found = read(f'"{smuggled}",x\nlast,y\n')
        assert [len(one.cells) for one in found] == [2, 2]
        assert len(found[0].cells[0]) == FIELD_LIMIT + 1
        assert found[1].cells == ["last", "y"]

    @given(st.lists(st.lists(_TEXT, min_size=2, max_size=4), min_size=1, max_size=5))
    def test_reads_back_whatever_the_standard_library_writes(self, rows: list[list[str]]) -> None:
        file = io.StringIO(newline="")
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
        assert cells(file.getvalue()) == rows

    @given(st.text(st.sampled_from('a",;\r\n'), max_size=40))
    def test_gives_every_line_to_exactly_one_record(self, text: str) -> None:
        found = read(text)
        count = len(list(io.StringIO(text, newline="")))
        covered = [n for one in found for n in range(one.line, one.last_line + 1)]
        assert covered == list(range(1, count + 1))


class TestMended:
    def test_joins_a_row_torn_by_a_bare_line_break_and_flags_it(self) -> None:
        found = list(mended(read("1,2,Two\nLines,4,5\n6,7,8,9,10\n"), width=5))
        assert [one.cells for one in found] == [
            ["1", "2", "Two\nLines", "4", "5"],
            ["6", "7", "8", "9", "10"],
        ]
        assert [one.flaw for one in found] == ["control_characters", ""]
        assert (found[0].line, found[0].last_line) == (1, 2)

    def test_leaves_two_short_rows_alone_that_make_no_row_together(self) -> None:
        found = list(mended(read("1,2,3\n4,5,6,7\n1,2,3\n"), width=5))
        assert [len(one.cells) for one in found] == [3, 4, 3]
        assert not any(one.flaw for one in found)
