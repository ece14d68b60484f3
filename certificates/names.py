"""Names of people as they are reported: what to trim, what to fold, what to doubt.

Pure. A name is kept as it was given: no change of case, no accents removed, no splitting into
first and last. Only white space that cannot be printed is folded.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

STACKED_MARKS = 8

_TRIM = " \t\n\u00a0\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_FOLD = re.compile(r"[ \t\n]*[\t\n][ \t\n]*| {2,}")
_FORMULA = re.compile(r"[=+@-]")
_MARKUP = re.compile(r"[<>]|\{\{|\{%|&#?\w+;|\"\s*on\w+=")
_UNSEEN = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})
# Letters and symbols by category, and yet they leave no ink: fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something odd about a name: an error cannot be printed, a warning is kept and shown."""

    code: str
    detail: str
    remedy: str = ""
    severity: Literal["error", "warning"] = "warning"


def trim(text: str) -> str:
    """Return the text without white space at its ends, of whatever width."""
    return text.strip(_TRIM)


def fold(name: str) -> str:
    """Return the name with line breaks, tabs and runs of spaces folded to one space."""
    return _FOLD.sub(" ", name)


def is_visible(name: str) -> bool:
    """Say whether at least one symbol of the name leaves ink."""
    return any(
        unicodedata.category(symbol) not in _UNSEEN and symbol not in _BLANK for symbol in name
    )


def doubts(name: str) -> Iterator[Doubt]:
    """Yield what a careful reader would ask about a name."""
    if "\ufffd" in name:
        yield Doubt(
            "bad_encoding",
            "holds U+FFFD: a program before this one lost a letter",
            "Export it again as UTF-8.",
            "error",
        )
    if _longest_stack(name) > STACKED_MARKS:
        yield Doubt(
            "suspicious_name",
            f"stacks more than {STACKED_MARKS} marks on one letter",
            "Give the name as it is written.",
            "error",
        )
    if _FORMULA.match(name):
        yield Doubt("suspicious_name", "begins like a spreadsheet formula; kept as text")
    elif _MARKUP.search(name):
        yield Doubt("suspicious_name", "looks like markup; kept and shown as text")
    elif _is_double_encoded(name):
        yield Doubt(
            "suspicious_name",
            "looks like UTF-8 that was read as Windows-1252",
            "Compare it with the source.",
        )
    if any(unicodedata.category(symbol) in {"Co", "Cn"} for symbol in name):
        yield Doubt(
            "unprintable_name",
            "holds characters no font has: PDF and PNG wait",
            "Give the name with assigned characters.",
        )


def _is_double_encoded(text: str) -> bool:
    """Say whether the text is what UTF-8 looks like when it is read as Windows-1252."""
    if text.isascii():
        return False
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _longest_stack(text: str) -> int:
    if text.isascii():
        return 0
    longest = current = 0
    for symbol in unicodedata.normalize("NFC", text):
        current = current + 1 if unicodedata.combining(symbol) else 0
        longest = max(longest, current)
    return longest
