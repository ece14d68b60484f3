"""Lines of text to records of cells, as RFC 4180 quotes them. Pure.

Why not the standard library's reader: it stops for good inside a quoted field that is too long,
and says nothing of the line a record began on. Here a record is never more than its own lines:
what is wrong with one does not change how the next is read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

FIELD_LIMIT = 10_000
_END = "\r\n"
_QUOTE = '"'


@dataclass(slots=True)
class Record:
    """One record: the lines it stands on, its cells, and the code of what is wrong with it."""

    line: int
    last_line: int
    cells: list[str]
    flaw: str = ""
    remark: str = ""


def records(lines: Iterable[str], *, delimiter: str) -> Iterator[Record]:
    """Yield the records in order. Line numbers are physical and start at 1."""
    numbered = iter(enumerate(lines, 1))
    for number, line in numbered:
        if _QUOTE not in line:
            yield Record(number, number, line.rstrip(_END).split(delimiter))
            continue
        cells = _Cells(delimiter)
        cells.feed(line)
        last = number
        while cells.is_open:
            last, line = next(numbered, (last, ""))  # noqa: PLW2901 - the record goes on
            if not line:
                break
            cells.feed(line)
        yield cells.record(number, last)


def mended(found: Iterable[Record], *, width: int) -> Iterator[Record]:
    """Join two neighbours that are one record, torn by a line break outside quotes.

    Together they have exactly the cells of one record, and each alone has too few. The joined
    record is still refused, but once, and for what is really wrong with it.
    """
    held: Record | None = None
    for record in found:
        if held is not None:
            if len(held.cells) + len(record.cells) == width + 1:
                yield _join(held, record)
                held = None
                continue
            yield held
            held = None
        if 1 < len(record.cells) < width and not record.flaw:
            held = record
        else:
            yield record
    if held is not None:
        yield held


def _join(one: Record, other: Record) -> Record:
    torn = f"{one.cells[-1]}\n{other.cells[0]}"
    return Record(
        one.line,
        other.last_line,
        [*one.cells[:-1], torn, *other.cells[1:]],
        flaw="control_characters",
        remark=(
            "is torn by a line break outside quotes: "
            f"lines {one.line} and {other.last_line} look like one row"
        ),
    )


@dataclass(slots=True)
class _Cells:
    """The cells of one record with quotes in it, filled line by line."""

    delimiter: str
    cells: list[str] = field(default_factory=list)
    is_open: bool = False
    is_misquoted: bool = False
    parts: list[str] = field(default_factory=list)
    kept: int = 0

    def feed(self, line: str) -> None:
        """Take one more physical line."""
        if self.kept > FIELD_LIMIT and _QUOTE not in line:
            return  # a field too long already: only its end matters now
        place = 0
        end = len(line.rstrip(_END))
        while self.is_open or place <= end:
            if self.is_open:
                place = self._quoted(line, place)
                if place < 0:
                    return
                place = self._after_quote(line, place, end)
            elif line.startswith(_QUOTE, place, end):
                self.is_open = True
                place += 1
            else:
                stop = _find(line, self.delimiter, place, end)
                self.cells.append(line[place:stop])
                place = stop + 1

    def record(self, line: int, last_line: int) -> Record:
        """Return the finished record. A quote still open has taken the rest of the file."""
        if self.is_open:
            cells = [*self.cells, "".join(self.parts)]
            remark = "opens a quote that is never closed"
            if last_line > line:
                remark += f"; lines {line} to {last_line} were not imported"
            return Record(line, last_line, cells, "bad_quoting", remark)
        if self.is_misquoted:
            remark = "has text between a closing quote and the end of its field"
            if last_line > line:
                remark += f"; lines {line} to {last_line} were read as one row"
            return Record(line, last_line, self.cells, "bad_quoting", remark)
        return Record(line, last_line, self.cells)

    def _quoted(self, line: str, place: int) -> int:
        """Read on inside quotes; return the place after the closing quote, or -1."""
        while (quote := line.find(_QUOTE, place)) >= 0:
            if not line.startswith(_QUOTE, quote + 1):
                self._keep(line[place:quote])
                self.is_open = False
                return quote + 1
            self._keep(line[place : quote + 1])
            place = quote + 2
        self._keep(line[place:])
        return -1

    def _after_quote(self, line: str, place: int, end: int) -> int:
        stop = _find(line, self.delimiter, place, end)
        if stop > place:
            self.is_misquoted = True
            self._keep(line[place:stop])
        self.cells.append("".join(self.parts))
        self.parts.clear()
        self.kept = 0
        return stop + 1

    def _keep(self, text: str) -> None:
        # One symbol beyond the limit shows that it was passed; the rest need not be kept.
        if self.kept <= FIELD_LIMIT:
            self.parts.append(text[: FIELD_LIMIT + 1 - self.kept])
            self.kept += len(text)


def _find(line: str, delimiter: str, place: int, end: int) -> int:
    found = line.find(delimiter, place, end)
    return end if found < 0 else found
