"""Words of a page beside those that were issued and signed: pure, by examples."""

import pytest

from verification.comparison import CHECKS, Expected, Finding, Issued, Page, compare
from verification.verdict import Outcome

ISSUED = "Certificate\nThis certifies that\nAda Lovelace\nhas completed\nMarine Engines\n1 May 2026"
SIGNED = [
    Expected("recipient_name", ("Ada Lovelace",)),
    Expected("course_title", ("Marine Engines",)),
    Expected("completed_on", ("1 mai 2026", "1 May 2026")),
    Expected("issued_on", ("1 May 2026",)),
    Expected("grade", ("Merit",)),
]


def finding(text: str, looks: str = "same", *, carries: bool = True, **page: object) -> Finding:
    return compare(
        Page(text, **page),  # type: ignore[arg-type]
        [Issued(ISSUED, looks)],
        SIGNED,
        carries=carries,
    ).finding


class TestCompare:
    def test_passes_the_same_words_in_any_order_and_spacing(self) -> None:
        shuffled = "\n".join(reversed(ISSUED.splitlines())).replace(" ", "  ")
        for text in (ISSUED, shuffled, ISSUED.replace("Ada", "\u200fAda\u200e")):
            assert finding(text) is Finding.AS_ISSUED

    @pytest.mark.parametrize(
        ("before", "after", "name", "printed"),
        [
            ("Ada Lovelace", "Eve Lovelace", "recipient_name", "Eve Lovelace"),
            ("Ada Lovelace", "Dr Eve Other Name", "recipient_name", "Dr Eve Other Name"),
            ("Ada Lovelace", "", "recipient_name", ""),
            ("Marine Engines", "Marine Biology", "course_title", "Marine Biology"),
            ("1 May 2026", "1 May 2016", "completed_on", "1 May 2016"),
            ("Ada Lovelace", "Adа Lovelace", "recipient_name", "Adа Lovelace"),
        ],
        ids=["part", "longer", "gone", "course", "digit", "Cyrillic letter"],
    )
    def test_names_what_is_printed_instead(
        self, before: str, after: str, name: str, printed: str
    ) -> None:
        found = compare(
            Page(ISSUED.replace(before, after)), [Issued(ISSUED, "same")], SIGNED, carries=True
        )
        rows = {row.name: row for row in found.rows if row.outcome is Outcome.FAILED}
        assert found.finding is Finding.FIELDS_DIFFER
        assert (list(rows), rows[name].printed) == ([name], printed)

    def test_a_field_counts_only_where_it_is_printed(self) -> None:
        found = compare(Page(ISSUED), [Issued(ISSUED, "same")], SIGNED, carries=True)
        names = [row.name for row in found.rows]
        assert names == ["recipient_name", "course_title", "completed_on"]

    def test_the_true_name_hidden_beside_a_false_one_is_found(self) -> None:
        text = ISSUED.replace("Ada Lovelace", "Eve Forger") + "\nAda Lovelace"
        assert finding(text) is Finding.WORDS_DIFFER
        assert finding(f"{ISSUED}\nwith distinction") is Finding.WORDS_DIFFER

    def test_words_alone_vouch_for_nothing(self) -> None:
        assert finding(ISSUED, "changed") is Finding.LOOKS_CHANGED
        assert finding(ISSUED, "another") is Finding.TEXT_ALONE
        assert finding(ISSUED, pages=2) is Finding.MORE_PAGES
        assert finding(ISSUED, is_active=True) is Finding.ACTIVE

    def test_another_page_is_a_forgery_only_if_it_carries_the_credential(self) -> None:
        assert finding("Dear Sir", "another") is Finding.ANOTHER_PAGE
        assert finding("", "another") is Finding.ANOTHER_PAGE
        assert finding("Dear Sir", "another", carries=False) is Finding.NOT_LAID_OUT
        assert finding("", "same", carries=False) is Finding.AS_ISSUED  # a faithful scan
        assert finding("\ue000\ue001", "same") is Finding.UNREADABLE_TEXT

    def test_without_an_issued_page_nothing_passes(self) -> None:
        for text, expected in (
            (ISSUED, Finding.TEXT_ALONE),
            (ISSUED.replace("Ada", "Eve"), Finding.FIELDS_DIFFER),
        ):
            assert compare(Page(text), [], SIGNED, carries=True).finding is expected
        assert compare(Page("x"), [], SIGNED, carries=False).finding is Finding.NOT_LAID_OUT

    def test_a_flood_of_words_is_answered(self) -> None:
        assert finding("Ada " * 6000, "another") is Finding.ANOTHER_PAGE
        assert finding(f"{ISSUED} {'Ada ' * 6000}") is Finding.WORDS_DIFFER

    def test_every_finding_has_its_check(self) -> None:
        assert set(CHECKS) == set(Finding)
        passed = {name for name, check in CHECKS.items() if check.outcome is Outcome.PASSED}
        assert passed == {Finding.AS_ISSUED, Finding.SAME_CONTENT}
