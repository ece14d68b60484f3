"""What every door checks: the rules for one reported completion."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.completion import FieldProblem, check_completion, read_name, shown

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DRAFT = {
    "event_id": "e1",
    "recipient_id": "000731",
    "recipient_name": "Ana Lopes",
    "course_version_id": "3",
    "completed_at": "2026-02-11T09:01:00+05:45",
}


def check(**fields: Any) -> list[FieldProblem]:
    return check_completion({**DRAFT, **fields}, now=NOW)[1]


def codes(**fields: Any) -> set[tuple[str, str, str]]:
    return {(one.field, one.code, one.severity) for one in check(**fields)}


class TestCheckCompletion:
    def test_returns_the_values_as_they_were_given(self) -> None:
        report, problems = check_completion(DRAFT, now=NOW)
        assert problems == []
        assert report is not None
        assert report.recipient_id == "000731"
        assert report.completed_at.isoformat() == "2026-02-11T09:01:00+05:45"

    @pytest.mark.parametrize("field", list(DRAFT))
    def test_asks_for_every_field_that_is_needed(self, field: str) -> None:
        assert codes(**{field: " "}) == {(field, "missing_field", "error")}

    def test_asks_for_more_where_the_door_does(self) -> None:
        report, (problem,) = check_completion(DRAFT, now=NOW, required=("course_id",))
        assert report is None
        assert (problem.field, problem.code) == ("course_id", "missing_field")

    def test_names_all_that_is_wrong_at_once(self) -> None:
        found = codes(event_id="", recipient_name="\x00", completed_at="yesterday")
        assert {field for field, _, _ in found} == {"event_id", "recipient_name", "completed_at"}

    @pytest.mark.parametrize("field", [*DRAFT, "grade", "recipient_email", "course_title"])
    @pytest.mark.parametrize("symbol", ["\x00", "\x0b", "\x1f", "\x7f", "\x9f", "\u202e", "\u2069"])
    def test_refuses_control_characters_in_every_field(self, field: str, symbol: str) -> None:
        assert (field, "control_characters", "error") in codes(**{field: f"a{symbol}b"})

    def test_refuses_half_a_surrogate_pair(self) -> None:
        assert codes(grade="\ud800") == {("grade", "bad_encoding", "error")}

    @pytest.mark.parametrize("field", ["event_id", "grade", "recipient_email"])
    def test_allows_line_breaks_in_names_only(self, field: str) -> None:
        assert (field, "control_characters", "error") in codes(**{field: "a\nb"})

    @pytest.mark.parametrize(("field", "limit"), [("event_id", 128), ("recipient_name", 200)])
    def test_holds_to_the_limits(self, field: str, limit: int) -> None:
        assert codes(**{field: "n" * limit}) == set()
        assert codes(**{field: "n" * (limit + 1)}) == {(field, "field_too_long", "error")}

    def test_takes_a_clock_that_is_five_minutes_ahead(self) -> None:
        assert codes(completed_at=(NOW + timedelta(minutes=5)).isoformat()) == set()
        late = (NOW + timedelta(minutes=5, seconds=1)).isoformat()
        assert codes(completed_at=late) == {("completed_at", "future_date", "error")}

    def test_goes_on_without_an_email_or_language_that_is_none(self) -> None:
        report, problems = check_completion(
            {**DRAFT, "recipient_email": "not-an-address", "language": "klingon!!"}, now=NOW
        )
        assert report is not None
        assert (report.recipient_email, report.language) == ("", "")
        assert {one.severity for one in problems} == {"warning"}

    @given(st.dictionaries(st.sampled_from([*DRAFT, "grade", "language"]), st.text(max_size=30)))
    def test_answers_any_text_and_lets_nothing_by_that_a_table_cannot_hold(
        self, fields: dict[str, str]
    ) -> None:
        report, problems = check_completion({**DRAFT, **fields}, now=NOW)
        assert (report is None) == any(one.severity == "error" for one in problems)
        if report is not None:
            text = f"{report.event_id}{report.recipient_name}{report.grade}{report.language}"
            assert "\x00" not in text
            assert text.encode()


class TestReadName:
    def test_returns_the_name_as_it_is_printed(self) -> None:
        assert read_name("\u3000Ana \n\t Lopes\ufeff") == ("Ana Lopes", [])

    def test_leaves_an_empty_name_to_the_caller(self) -> None:
        assert read_name("") == ("", [])

    def test_gives_errors_back_and_keeps_doubts_to_itself(self) -> None:
        assert read_name("=Ana") == ("=Ana", [])
        name, (problem,) = read_name("\u200b\u200d")
        assert name == ""
        assert problem.code == "missing_field"


class TestShown:
    def test_quotes_sixty_characters_and_nothing_that_moves_a_cursor(self) -> None:
        assert shown("n" * 100) == "n" * 60
        assert shown("a\x1b[31m\u202eb") == "a\ufffd[31m\ufffdb"
