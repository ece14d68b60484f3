"""What is filled in equals what is composed and linted, byte for byte."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.credential import shapes
from certificates.credential.compose import Award, add_claims, compose
from certificates.credential.lint import LintedCredential, NotLinted, lint
from certificates.credential.shapes import Shapes
from tests.certificates.credential.awards import award

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_WORDS = st.one_of(_TEXT, st.sampled_from(["", "null", "[]", "%s %(x)d 100%", '"\\\n\t', "X"]))
_MOMENTS = st.datetimes(
    datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01")
).flatmap(
    lambda moment: st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    )
)
_SUBJECTS = st.one_of(
    st.uuids().map(lambda one: f"urn:uuid:{one}"),
    st.sampled_from(["did:example:123", "urn:uuid:not", "mailto:a@example.org", ""]),
)
_AWARDS = st.builds(
    award,
    credential_url=st.uuids().map(lambda one: f"https://certs.example.org/credentials/{one}"),
    subject_id=_SUBJECTS,
    recipient_name=_WORDS,
    email=st.sampled_from(["", "Ada@Example.org", "ada@example.org", "ünï@example.org"]),
    email_salt=_WORDS,
    completed_at=_MOMENTS,
    grade=_WORDS,
    status_index=st.integers(0, 131_071),
    evidence=st.sampled_from([[], [], [], [{"id": "https://example.org/thesis"}]]),
    valid_until=st.sampled_from([None, datetime(2031, 1, 1, tzinfo=UTC)]),
)


def outcome(lint_one: Any, one: Award) -> LintedCredential | list[str]:
    try:
        linted: LintedCredential = lint_one(one)
    except NotLinted as error:
        return error.reasons
    return linted


def slowly(one: Award) -> LintedCredential:
    return lint(add_claims(compose(one)))


@pytest.fixture
def linted_slowly(monkeypatch: pytest.MonkeyPatch) -> list[Award]:
    """Note whatever takes the slow way."""
    noted: list[Award] = []
    slow = shapes._slowly

    def noting(one: Award) -> LintedCredential:
        noted.append(one)
        return slow(one)

    monkeypatch.setattr(shapes, "_slowly", noting)
    return noted


class TestLint:
    @given(st.lists(_AWARDS, min_size=1, max_size=8))
    def test_equals_the_slow_way_whatever_the_batch_holds(self, batch: list[Award]) -> None:
        quick = Shapes(issuer=award().issuer)
        # Twice over, so that every shape is met often enough to be learned and used.
        for one in batch * 3:
            assert outcome(quick.lint, one) == outcome(slowly, one)

    def test_composes_two_of_a_hundred(self, linted_slowly: list[Award]) -> None:
        quick = Shapes(issuer=award().issuer)
        for number in range(100):
            quick.lint(award(recipient_name=f"Learner {number}", status_index=number))
        assert len(linted_slowly) == 2  # the first, and the one the template is made of

    @pytest.mark.parametrize(
        "changes",
        [
            {"grade": ""},
            {"email": ""},
            {"valid_until": datetime(2031, 1, 1, tzinfo=UTC)},
            {"awarded_at": datetime(2020, 1, 1, tzinfo=UTC)},
            {"status_list_url": "https://certs.example.org/status/x/2"},
            {"achieved": replace(award().achieved, name="Another course, 100% %s")},
            {"issuer": {**award().issuer, "name": "Another issuer"}},
        ],
    )
    def test_never_mixes_two_shapes(self, changes: dict[str, Any]) -> None:
        quick = Shapes(issuer=award().issuer)
        for one in [award(), award(**changes)] * 4:
            assert outcome(quick.lint, one) == outcome(slowly, one)

    @pytest.mark.parametrize("stand_in", [*shapes._STAND_IN.values(), "9182736450"])
    def test_learns_no_shape_whose_own_words_are_those_of_a_stand_in(self, stand_in: str) -> None:
        for name in ("name", "description", "course_id"):
            course = replace(award().achieved, **{name: stand_in})
            quick = Shapes(issuer=award().issuer)
            for number in range(4):
                one = award(achieved=course, recipient_name=f"Learner {number}")
                assert outcome(quick.lint, one) == outcome(slowly, one)

    def test_gives_each_its_own_reasons_where_the_shape_may_not_be_signed(self) -> None:
        course = replace(award().achieved, name=" ")
        quick = Shapes(issuer=award().issuer)
        for _ in range(4):
            with pytest.raises(NotLinted, match="achievement/name"):
                quick.lint(award(achieved=course))
