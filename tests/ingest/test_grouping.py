"""Batches that never part rows which can change each other's answer."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from certificates.completion import ReportedCompletion
from ingest.grouping import Reported, together


def row(line: int, event: str, recipient: str) -> Reported:
    return line, ReportedCompletion(
        event_id=event,
        recipient_id=recipient,
        recipient_name="Ana",
        course_version_id="1",
        completed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


class TestTogether:
    def test_follows_a_chain_of_shared_events_and_recipients(self) -> None:
        rows = [
            row(2, "a", "1"),
            row(3, "x", "9"),
            row(4, "b", "1"),
            row(5, "b", "2"),
            row(6, "c", "2"),
        ]
        batches = [[line for line, _ in batch] for batch in together(rows, size=1)]
        assert batches == [[2, 4, 5, 6], [3]]

    def test_fills_batches_up_to_about_their_size(self) -> None:
        rows = [row(n, f"e{n}", f"r{n}") for n in range(10)]
        assert [len(batch) for batch in together(rows, size=4)] == [4, 4, 2]

    @given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("123456"))))
    def test_loses_nothing_and_parts_nothing(self, pairs: list[tuple[str, str]]) -> None:
        rows = [row(n, event, recipient) for n, (event, recipient) in enumerate(pairs)]
        batches = list(together(rows, size=2))
        assert sorted(line for batch in batches for line, _ in batch) == list(range(len(rows)))
        for name in ("event_id", "recipient_id"):
            seen = [{getattr(report, name) for _, report in batch} for batch in batches]
            assert sum(map(len, seen)) == len(set().union(*seen))
