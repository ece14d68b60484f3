"""Facts to verdict, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from verification.verdict import (
    Facts,
    Outcome,
    Result,
    Signature,
    State,
    Verdict,
    decide,
    off_record,
    reattest,
    unknown,
    unreadable,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = Facts(
    signature=Signature.GOOD,
    matches_record=True,
    issuer_matches=True,
    is_revoked=False,
    is_superseded=False,
    expires_at=None,
)


def outcomes(verdict: Verdict) -> str:
    """Return the outcomes' initials in the order of the checks: p, f or n."""
    return "".join(check.outcome.value[0] for check in verdict.checks)


class TestDecide:
    @pytest.mark.parametrize(
        ("facts", "result", "state", "in_force", "checks"),
        [
            (GOOD, Result.ISSUED, State.IN_FORCE, True, "ppppn"),
            (
                replace(GOOD, expires_at=NOW - timedelta(seconds=1)),
                Result.ISSUED,
                State.EXPIRED,
                False,
                "ppfpn",
            ),
            (replace(GOOD, is_revoked=True), Result.REVOKED, State.REVOKED, False, "pfppn"),
            (
                replace(GOOD, is_revoked=True, is_superseded=True),
                Result.REVOKED,
                State.SUPERSEDED,
                False,
                "pfppn",
            ),
            (
                replace(GOOD, signature=Signature.BAD),
                Result.INVALID,
                State.ALTERED,
                None,
                "fnnnn",
            ),
            (
                replace(GOOD, signature=Signature.COMPROMISED),
                Result.INVALID,
                State.COMPROMISED,
                None,
                "fnnnn",
            ),
            (replace(GOOD, matches_record=False), Result.INVALID, State.ALTERED, None, "fnnnn"),
            (replace(GOOD, issuer_matches=False), Result.INVALID, State.ALTERED, None, "pnnfn"),
        ],
    )
    def test_answers_each_row_of_the_table(
        self, facts: Facts, result: Result, state: State, in_force: bool | None, checks: str
    ) -> None:
        verdict = decide(facts, now=NOW)
        assert (verdict.result, verdict.state, verdict.in_force) == (result, state, in_force)
        assert outcomes(verdict) == checks

    def test_says_that_our_record_vouches_for_what_a_stolen_key_signed_before(self) -> None:
        verdict = decide(replace(GOOD, stolen_at=NOW), now=NOW)
        assert (verdict.state, outcomes(verdict)) == (State.IN_FORCE, "ppppn")
        assert "our own record" in verdict.checks[0].detail

    def test_says_when_the_key_was_stolen(self) -> None:
        facts = replace(GOOD, signature=Signature.COMPROMISED, stolen_at=NOW)
        assert decide(facts, now=NOW).checks[0].detail == (
            "Signed with a key that was stolen on 2026-03-01; "
            "our record does not show that it was signed before."
        )

    def test_ends_at_the_very_moment(self) -> None:
        assert decide(replace(GOOD, expires_at=NOW), now=NOW).in_force is False
        later = NOW + timedelta(microseconds=1)
        assert decide(replace(GOOD, expires_at=later), now=NOW).in_force is True

    def test_trusts_no_row_whose_signature_is_bad(self) -> None:
        facts = replace(GOOD, signature=Signature.BAD, is_revoked=True)
        assert decide(facts, now=NOW).result is Result.INVALID

    def test_says_withdrawn_before_expired(self) -> None:
        facts = replace(GOOD, is_revoked=True, expires_at=NOW - timedelta(days=1))
        verdict = decide(facts, now=NOW)
        assert verdict.state is State.REVOKED
        assert outcomes(verdict) == "pffpn"

    def test_never_calls_a_check_passed_that_did_not_run(self) -> None:
        for verdict in (unknown(), unreadable(mistyped=True), unreadable(mistyped=False)):
            assert {check.outcome for check in verdict.checks} == {Outcome.NOT_CHECKED}
            assert verdict.in_force is None


class TestReattest:
    def test_changes_only_what_is_said_of_the_signature(self) -> None:
        verdict = decide(replace(GOOD, is_revoked=True), now=NOW)
        again = reattest(verdict)
        assert again.checks[1:] == verdict.checks[1:]
        assert "withdrawn later" in again.checks[0].detail
        assert again.result is Result.REVOKED

    def test_makes_nothing_good_that_is_invalid(self) -> None:
        invalid = off_record(signature=Signature.COMPROMISED, stolen_at=NOW)
        assert reattest(invalid) == invalid
        assert "does not show this document" in invalid.checks[0].detail


class TestHttpStatus:
    @pytest.mark.parametrize(
        ("verdict", "status", "may_be_stored"),
        [
            (decide(GOOD, now=NOW), 200, True),
            (decide(replace(GOOD, is_revoked=True), now=NOW), 200, False),
            (unknown(), 404, False),
            (unreadable(mistyped=True), 400, False),
        ],
    )
    def test_follows_the_result(self, verdict: Verdict, status: int, may_be_stored: bool) -> None:
        assert verdict.http_status == status
        assert verdict.may_be_stored is may_be_stored
