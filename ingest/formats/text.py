"""The bytes of an uploaded file to lines of text, or a plain refusal of the whole file.

Pure. A byte that is not text never becomes U+FFFD in silence: it stays in its line as a lone
surrogate, which `is_undecoded` finds, so that its row can be refused and the others go on.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

SIZE_LIMIT = 64 * 1024 * 1024
LINE_LIMIT = 1_000_000

_UNDECODED = re.compile("[\ud800-\udfff]")
_HEAD = 4096
_BLOCK = 1 << 20
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class RefusedFile(ValueError):
    """Why nothing of a file is imported, and what to do."""

    def __init__(self, code: str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Text:
    """A file whose encoding is known, to be read line by line as often as needed."""

    content: bytes
    encoding: str

    def lines(self) -> Iterator[str]:
        """Yield physical lines with their line ends. A line without end refuses the file."""
        # UTF-16 has lone surrogates of its own; the other codecs make them from stray bytes.
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"
        reader = io.TextIOWrapper(
            io.BytesIO(self.content), self.encoding, errors=errors, newline=""
        )
        number = 0
        while line := reader.readline(LINE_LIMIT + 1):
            number += 1
            if len(line) > LINE_LIMIT:
                raise RefusedFile(
                    "not_csv", f"Line {number:,} is longer than {LINE_LIMIT:,} characters."
                )
            yield line


def is_undecoded(text: str) -> bool:
    """Say whether the text holds bytes that its file's encoding could not explain."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def read_text(content: bytes, *, encoding: str = "") -> Text:
    """Find out how a file is encoded: as told, by its byte order mark, else UTF-8.

    Raises RefusedFile for what cannot be a text of ours.
    """
    if not content.strip():
        raise RefusedFile("empty_file", "The file is empty.")
    if len(content) > SIZE_LIMIT:
        raise RefusedFile(
            "file_too_large",
            f"The file has {len(content):,} bytes; the limit is {SIZE_LIMIT:,}.",
            "Split it.",
        )
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            raise RefusedFile(
                "not_csv", f"This is not a CSV file: it is {kind}.", "Save it as CSV (UTF-8)."
            )
    chosen = _named(encoding) if encoding else _found(content)
    if chosen.startswith("utf-16") and len(content) % 2:
        raise RefusedFile("bad_encoding", "The file is cut off: its last character is incomplete.")
    return Text(content, chosen)


def _named(encoding: str) -> str:
    """Return the codec a person named."""
    try:
        codec = codecs.lookup(encoding)
        b"a".decode(codec.name)  # a codec of bytes to bytes refuses this with LookupError
    except (LookupError, UnicodeError, ValueError) as error:
        raise RefusedFile(
            "bad_encoding",
            f"There is no encoding called {encoding[:40]!r}.",
            "Name one such as utf-8, utf-16 or windows-1252.",
        ) from error
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def _found(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    head = content[:_HEAD]
    if head.count(0) * 4 > len(head):
        raise RefusedFile(
            "not_csv",
            "This is not a CSV file: it is full of NUL bytes.",
            "Save it as CSV (UTF-8); for UTF-16 without a byte order mark name the encoding.",
        )
    _insist_on_utf8(content)
    return "utf-8"


def _insist_on_utf8(content: bytes) -> None:
    """Tell a UTF-8 file with a few spoiled rows from a file in another encoding.

    UTF-8 proves itself: text of another encoding hardly ever forms its multi-byte sequences.
    So the lines vote. A file with more lines that are UTF-8 beyond ASCII than lines that are
    not is UTF-8, and its spoiled rows fail alone; otherwise nothing in it speaks for UTF-8.
    """
    if _is_utf8(content):
        return
    good = bad = first_bad = 0
    for number, line in enumerate(io.BytesIO(content), 1):
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            bad += 1
            first_bad = first_bad or number
        else:
            good += 1
    if bad and bad >= good:
        raise RefusedFile(
            "bad_encoding",
            f"The file is not UTF-8: see line {first_bad:,}.",
            "Save it as CSV (UTF-8), or name its encoding, such as windows-1252.",
        )


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(view), _BLOCK):
            decoder.decode(view[start : start + _BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
