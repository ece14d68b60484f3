from datetime import datetime, timedelta
from typing import Any

import pytest

from signing import timetable
from signing.models import SigningKey
from signing.timetable import What

State = SigningKey.State
DAY = timedelta(days=1)


def key(state: State, at: datetime, **fields: Any) -> SigningKey:
    key = SigningKey(
        state=state,
        purpose=SigningKey.Purpose.CREDENTIAL_JWS,
        published_at=at,
        activates_at=at,
        activated_at=None if state == State.NEXT else at,
    )
    for name, value in fields.items():
        setattr(key, name, value)
    return key


def steps(*keys: SigningKey) -> list[tuple[What, datetime]]:
    return [(due.what, due.at) for due in timetable.steps(keys)]


class TestWait:
    @pytest.mark.parametrize(
        ("max_age", "prepublish", "seconds"), [(300, 86_400, 86_400), (300, 1, 600), (5, 5, 10)]
    )
    def test_is_never_shorter_than_twice_the_age_of_a_cached_set(
        self, settings: Any, max_age: int, prepublish: int, seconds: int
    ) -> None:
        settings.JWKS_MAX_AGE, settings.KEY_PREPUBLISH = max_age, prepublish

        assert timetable.wait() == timedelta(seconds=seconds)
        assert timetable.shortest_wait() == timedelta(seconds=2 * max_age)


class TestSteps:
    def test_of_a_key_that_signs_is_a_successor_two_waits_before_its_end(
        self, now: datetime
    ) -> None:
        assert steps(key(State.ACTIVE, now)) == [(What.PUBLISH, now + 88 * DAY)]

    def test_of_a_planned_end_count_back_from_there(self, now: datetime) -> None:
        active = key(State.ACTIVE, now, deactivates_at=now + 10 * DAY)

        assert steps(active) == [(What.PUBLISH, now + 8 * DAY)]

    def test_of_a_waiting_key_take_the_place_of_another_successor(self, now: datetime) -> None:
        waiting = key(State.NEXT, now, activates_at=now + 3 * DAY)

        assert steps(key(State.ACTIVE, now), waiting) == [(What.ACTIVATE, now + 3 * DAY)]

    def test_of_a_former_key_is_the_end_of_its_private_part(
        self, now: datetime, settings: Any
    ) -> None:
        former = key(State.VERIFY_ONLY, now, deactivated_at=now + DAY)

        assert steps(former) == [(What.DESTROY, now + 2 * DAY)]
        settings.KEY_PREPUBLISH = settings.JWKS_MAX_AGE = 1
        assert steps(former) == [(What.DESTROY, now + DAY + timedelta(hours=1))]

    def test_of_keys_that_move_no_more_are_none(self, now: datetime) -> None:
        assert steps(key(State.DESTROYED, now), key(State.COMPROMISED, now)) == []

    def test_are_those_of_each_owner_and_purpose_soonest_first(self, now: datetime) -> None:
        pdf = key(State.ACTIVE, now - DAY, purpose=SigningKey.Purpose.PDF)
        own = key(State.ACTIVE, now - 2 * DAY, tenant_id="t1")
        own_next = key(State.NEXT, now, tenant_id="t1")

        assert steps(key(State.ACTIVE, now), pdf, own, own_next) == [
            (What.ACTIVATE, now),
            (What.PUBLISH, now + 87 * DAY),
            (What.PUBLISH, now + 88 * DAY),
        ]
