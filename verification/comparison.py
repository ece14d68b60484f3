"""What a page prints, against what was signed: field by field, and nothing else beside them."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from verification.verdict import Check, Outcome, gettext_noop

_ESSENTIAL = frozenset({"recipient_name", "course_title"})
_MOST_WORDS = 600  # a page with more is no certificate, and is not laid beside one word by word
_MOST_SHOWN = 120  # letters of a stranger's text
_RECOGNISED = 0.5  # share of an issued page's words that makes another page a print of it
_ALIKE = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u00ad": "-"})
_UNSEEN = frozenset({"Cf", "Cc"})
_AROUND = ".,;:()\u060c\u061b"  # of a word: it may end a sentence here and not there


class Finding(StrEnum):
    """What a comparison came to; `CHECKS` says it in words."""

    AS_ISSUED = "as_issued"
    FIELDS_DIFFER = "fields_differ"
    WORDS_DIFFER = "words_differ"
    LOOKS_CHANGED = "looks_changed"
    ANOTHER_PAGE = "another_page"
    NOT_LAID_OUT = "not_laid_out"
    TEXT_ALONE = "text_alone"
    UNREADABLE_TEXT = "unreadable_text"
    MORE_PAGES = "more_pages"
    ACTIVE = "active"
    OTHER_PICTURE = "other_picture"
    SAME_CONTENT = "same_content"
    CONTENT_DIFFERS = "content_differs"
    CODE_ALONE = "code_alone"


@dataclass(frozen=True)
class Expected:
    """A signed field, and the forms a design may print it in, the likeliest first."""

    name: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Issued:
    """A page as it was issued: its words, and how the given one looks beside it."""

    text: str
    looks: str


@dataclass(frozen=True)
class Page:
    """The page that was given, of how many, and whether its file may show something else."""

    text: str
    pages: int = 1
    is_active: bool = False


@dataclass(frozen=True)
class Row:
    """One field: as it was signed, as it is printed (empty: not found), and whether they agree."""

    name: str
    signed: str
    printed: str
    outcome: Outcome


@dataclass(frozen=True)
class Comparison:
    """What came out, and the rows that show it."""

    finding: Finding
    rows: tuple[Row, ...] = ()


SAME = "same"  # of a page's looks; the others are
_LOOKS = {"changed": Finding.LOOKS_CHANGED, "another": Finding.TEXT_ALONE}


def compare(
    page: Page, issued: Sequence[Issued], expected: Sequence[Expected], *, carries: bool
) -> Comparison:
    """Compare a page with those that were issued, whichever it is nearest to.

    `carries`: the file carries the credential, so it claims to be the certificate itself. Another
    may merely mention its code, and is no forgery for being laid out otherwise.
    """
    if not issued:
        return _without_issued(page, expected, carries=carries)
    nearest = max(issued, key=lambda one: (_shared(page.text, one.text), one.looks == SAME))
    if not _words(page.text) and nearest.looks == SAME:
        return _vouched(page, ())
    rows = _rows(page.text, nearest.text, expected)
    if _shared(page.text, nearest.text) < _RECOGNISED:
        return _unrecognised(nearest, rows, carries=carries)
    if any(row.outcome is Outcome.FAILED for row in rows):
        return Comparison(Finding.FIELDS_DIFFER, rows)
    others = _other_words(page.text, nearest.text)
    if others is not None:
        return Comparison(Finding.WORDS_DIFFER, (*rows, others))
    return (
        _vouched(page, rows) if nearest.looks == SAME else Comparison(_LOOKS[nearest.looks], rows)
    )


def _vouched(page: Page, rows: tuple[Row, ...]) -> Comparison:
    if page.is_active:
        return Comparison(Finding.ACTIVE, rows)
    return Comparison(Finding.MORE_PAGES if page.pages > 1 else Finding.AS_ISSUED, rows)


def _unrecognised(nearest: Issued, rows: tuple[Row, ...], *, carries: bool) -> Comparison:
    """Judge a page whose words are not the certificate's."""
    if nearest.looks == SAME:
        return Comparison(Finding.UNREADABLE_TEXT)
    if carries:
        return Comparison(Finding.ANOTHER_PAGE, rows)
    return Comparison(Finding.NOT_LAID_OUT)


def _without_issued(page: Page, expected: Sequence[Expected], *, carries: bool) -> Comparison:
    """Compare with the signed fields alone; that can show a difference and not vouch for a page."""
    rows = tuple(
        Row(field.name, found or field.forms[0], found, _outcome(found))
        for field in expected
        for found in [_found(page.text, field.forms)]
        if found or field.name in _ESSENTIAL
    )
    if all(row.outcome is Outcome.PASSED for row in rows):
        return Comparison(Finding.TEXT_ALONE, rows)
    return Comparison(Finding.FIELDS_DIFFER, rows) if carries else Comparison(Finding.NOT_LAID_OUT)


def _rows(page: str, issued: str, expected: Iterable[Expected]) -> tuple[Row, ...]:
    """Return a row for each field that the issued page prints."""
    rows: list[Row] = []
    for field in expected:
        signed = _found(issued, field.forms)
        # A page that prints one day says nothing of which of two it is: the first has it.
        if not signed or any(row.signed == signed for row in rows):
            continue
        same = _found(page, (signed,))
        printed = same or _in_its_place(page, issued, signed)
        rows.append(Row(field.name, signed, printed, _outcome(same)))
    return tuple(rows)


def _outcome(found: str) -> Outcome:
    return Outcome.PASSED if found else Outcome.FAILED


def _found(text: str, forms: Iterable[str]) -> str:
    """Return the first form whose words stand in a text one after another, or nothing."""
    words = _words(text)
    return next((form for form in forms if _place(words, _words(form)) is not None), "")


def _place(words: Sequence[str], sought: Sequence[str]) -> tuple[int, int] | None:
    length = len(sought)
    for start in range(len(words) - length + 1 if length else 0):
        if words[start : start + length] == sought:
            return start, start + length
    return None


def _in_its_place(page: str, issued: str, signed: str) -> str:
    """Return what a page prints where the issued one prints a field."""
    given, own = _words(page)[:_MOST_WORDS], _words(issued)[:_MOST_WORDS]
    place = _place(own, _words(signed))
    if place is None:
        return ""
    start, end = place
    printed: list[str] = []
    matcher = SequenceMatcher(None, own, given, autojunk=False)
    for kind, own_start, own_end, given_start, given_end in matcher.get_opcodes():
        if own_start >= end or max(own_end, own_start + 1) <= start:
            continue
        if kind == "equal" or own_end - own_start == given_end - given_start:
            offset = given_start - own_start
            printed += given[max(start, own_start) + offset : min(end, own_end) + offset]
        else:
            printed += given[given_start:given_end]
    return " ".join(printed)[:_MOST_SHOWN]


def _other_words(page: str, issued: str) -> Row | None:
    """Return what a page says more, or less, than the one that was issued."""
    given, own = Counter(_words(page)), Counter(_words(issued))
    if given == own:
        return None
    more, less = given - own, own - given
    return Row(
        "other_words", _listed(less, _words(issued)), _listed(more, _words(page)), Outcome.FAILED
    )


def _listed(words: Counter[str], order: Sequence[str]) -> str:
    """Return words in the order in which they stand."""
    left, listed = Counter(words), []
    for word in order:
        if left[word] > 0:
            left[word] -= 1
            listed.append(word)
    return " ".join(listed)[:_MOST_SHOWN]


def _shared(page: str, issued: str) -> float:
    given, own = Counter(_words(page)), Counter(_words(issued))
    return (given & own).total() / max(1, own.total())


def _words(text: str) -> list[str]:
    """Return the words of a text as they are read, without marks of direction."""
    plain = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    kept = (each for each in plain if each.isspace() or unicodedata.category(each) not in _UNSEEN)
    return [word.strip(_AROUND) or word for word in "".join(kept).split()]


def _check(outcome: Outcome, detail: str) -> Check:
    return Check("file", outcome, detail)


CHECKS = {
    Finding.AS_ISSUED: _check(
        Outcome.PASSED,
        gettext_noop(
            "The file was written anew since it was issued, but it says and shows the same."
        ),
    ),
    Finding.SAME_CONTENT: _check(
        Outcome.PASSED,
        gettext_noop(
            "The document says word for word what was signed. A proof of its own was not checked."
        ),
    ),
    Finding.FIELDS_DIFFER: _check(
        Outcome.FAILED, gettext_noop("The file says something else than what was signed.")
    ),
    Finding.CONTENT_DIFFERS: _check(
        Outcome.FAILED, gettext_noop("The document says something else than what was signed.")
    ),
    Finding.WORDS_DIFFER: _check(
        Outcome.FAILED,
        gettext_noop("Words were added to the file or taken from it since it was issued."),
    ),
    Finding.LOOKS_CHANGED: _check(
        Outcome.FAILED,
        gettext_noop("Something was drawn over the page or taken from it since it was issued."),
    ),
    Finding.ANOTHER_PAGE: _check(
        Outcome.FAILED,
        gettext_noop("The file carries a genuine credential, but its page is not the one issued."),
    ),
    Finding.OTHER_PICTURE: _check(
        Outcome.FAILED,
        gettext_noop(
            "The file carries a genuine credential, but its picture is not the one issued."
        ),
    ),
    Finding.NOT_LAID_OUT: _check(
        Outcome.NOT_CHECKED,
        gettext_noop(
            "The file shows the code of this certificate, but it is not the certificate. Nothing "
            "else in it was checked."
        ),
    ),
    Finding.TEXT_ALONE: _check(
        Outcome.NOT_CHECKED,
        gettext_noop(
            "The words of the file agree with what was signed. Whether it looks as issued could "
            "not be compared, so go by what stands here."
        ),
    ),
    Finding.UNREADABLE_TEXT: _check(
        Outcome.NOT_CHECKED,
        gettext_noop(
            "The file looks as issued, but its text cannot be read. Go by what stands here."
        ),
    ),
    Finding.MORE_PAGES: _check(
        Outcome.NOT_CHECKED,
        gettext_noop("One page is the certificate as issued. The other pages were not checked."),
    ),
    Finding.ACTIVE: _check(
        Outcome.NOT_CHECKED,
        gettext_noop(
            "The page is the one issued, but the file holds scripts or layers that may show "
            "something else. Go by what stands here."
        ),
    ),
    Finding.CODE_ALONE: _check(
        Outcome.NOT_CHECKED,
        gettext_noop(
            "Only the code in the file was read. Compare what the file shows with what stands here."
        ),
    ),
}
