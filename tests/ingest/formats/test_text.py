"""Bytes to text: what a file's encoding is, and when a file is no text at all."""

import pytest

from ingest.formats.text import LINE_LIMIT, SIZE_LIMIT, RefusedFile, is_undecoded, read_text


def lines(content: bytes, encoding: str = "") -> list[str]:
    return list(read_text(content, encoding=encoding).lines())


class TestReadText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_reads_utf8_and_whatever_a_byte_order_mark_announces(self, encoding: str) -> None:
        assert lines("Łukasz\r\n𠮷\r\n".encode(encoding)) == ["Łukasz\r\n", "𠮷\r\n"]

    def test_reads_big_endian_utf16_with_its_mark(self) -> None:
        assert lines(b"\xfe\xff" + "ä\n".encode("utf-16-be")) == ["ä\n"]

    def test_counts_every_kind_of_line_end(self) -> None:
        assert lines(b"a\nb\r\nc\rd") == ["a\n", "b\r\n", "c\r", "d"]

    def test_keeps_bytes_that_are_no_text_visible_where_most_lines_are_utf8(self) -> None:
        good, bad, last = lines("Ä\n".encode() + b"Jos\xe9\n" + "Ö\n".encode())
        assert is_undecoded(bad)
        assert not is_undecoded(good + last)

    def test_refuses_a_file_in_another_encoding_and_names_the_line(self) -> None:
        with pytest.raises(RefusedFile, match="not UTF-8: see line 2") as caught:
            read_text("name\nJürgen\n".encode("windows-1252"))
        assert caught.value.code == "bad_encoding"

    def test_reads_another_encoding_that_was_named(self) -> None:
        assert lines("Jürgen € Þór\n".encode("windows-1252"), "windows-1252") == ["Jürgen € Þór\n"]

    def test_marks_bytes_a_named_encoding_has_no_letter_for(self) -> None:
        assert is_undecoded(lines(b"a\x81b\n", "windows-1252")[0])

    @pytest.mark.parametrize("name", ["klingon", "hex", "zlib", "\x00", "x" * 500])
    def test_refuses_an_encoding_that_is_none(self, name: str) -> None:
        with pytest.raises(RefusedFile, match="no encoding called"):
            read_text(b"a", encoding=name)

    @pytest.mark.parametrize("content", [b"", b"\n\r\n", b"  \t "])
    def test_refuses_an_empty_file(self, content: bytes) -> None:
        with pytest.raises(RefusedFile, match=r"^The file is empty\.$"):
            read_text(content)

    @pytest.mark.parametrize(
        "start", [b"PK\x03\x04", b"%PDF-1.7", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0"]
    )
    def test_says_what_a_file_is_when_it_is_no_csv(self, start: bytes) -> None:
        with pytest.raises(RefusedFile, match="This is not a CSV file: it is a"):
            read_text(start + bytes(100))

    def test_refuses_text_without_a_mark_that_is_full_of_nul(self) -> None:
        with pytest.raises(RefusedFile, match="full of NUL"):
            read_text("event_id,recipient_id\n".encode("utf-16-le"))

    def test_refuses_utf16_that_was_cut_in_a_character(self) -> None:
        with pytest.raises(RefusedFile, match="cut off"):
            read_text("ab".encode("utf-16")[:-1])

    def test_refuses_a_file_over_the_limit(self) -> None:
        with pytest.raises(RefusedFile, match="the limit is 67,108,864"):
            read_text(b"a" * (SIZE_LIMIT + 1))

    def test_refuses_a_line_without_end(self) -> None:
        with pytest.raises(RefusedFile, match="Line 2 is longer than"):
            lines(b"a\n" + b"b" * (LINE_LIMIT + 1))
