import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import structlog

from observability.models import AuditRecord
from signing import custody, gauges, keyring, rotation, timetable
from signing.models import SigningKey
from signing.rotation import Done
from signing.signals import keys_changed
from tenants.models import Tenant
from tests.signing.conftest import MakeKey
from tests.signing.rotating import advance, rotations, states, waiting_key

State = SigningKey.State
Purpose = SigningKey.Purpose
DAY = timedelta(days=1)


class TestAdvance:
    def test_leads_a_key_through_its_life(self, platform_key: SigningKey, began: datetime) -> None:
        former = platform_key.thumbprint

        assert advance(began + 87 * DAY) == []
        [(done, following)] = advance(began + 88 * DAY)
        assert done is Done.PUBLISHED
        assert states() == {former: State.ACTIVE, following: State.NEXT}
        assert advance(began + 89 * DAY) == []
        assert advance(began + 90 * DAY) == [(Done.ACTIVATED, following)]
        assert states() == {former: State.VERIFY_ONLY, following: State.ACTIVE}
        assert advance(began + 90.9 * DAY) == []
        assert advance(began + 91 * DAY) == [(Done.DESTROYED, former)]
        assert states() == {former: State.DESTROYED, following: State.ACTIVE}

    def test_notes_the_time_of_each_step(self, platform_key: SigningKey, began: datetime) -> None:
        for day in (88, 90, 91):
            advance(began + day * DAY)

        platform_key.refresh_from_db()
        following = SigningKey.objects.get(state=State.ACTIVE)
        assert platform_key.deactivated_at == following.activated_at == began + 90 * DAY
        assert platform_key.destroyed_at == began + 91 * DAY
        assert following.published_at == began + 88 * DAY
        assert platform_key.sealed_private is None
        assert platform_key in keyring.published_keys(tenant=None)

    def test_never_lets_a_key_sign_that_was_published_too_late(self, began: datetime) -> None:
        late = began + 200 * DAY

        assert [done for done, _ in advance(late)] == [Done.PUBLISHED]
        assert advance(late + 0.99 * DAY) == []
        assert [done for done, _ in advance(late + DAY)] == [Done.ACTIVATED]

    def test_stays_overdue_for_the_operators_until_it_is_done(self, began: datetime) -> None:
        late = began + 200 * DAY
        advance(late)

        assert gauges.rotation_due(now=late) == (began + 90 * DAY).timestamp()
        advance(late + DAY)
        assert gauges.rotation_due(now=late) == (late + 91 * DAY).timestamp()

    def test_keeps_the_next_key_under_its_address_before_it_signs(self, began: datetime) -> None:
        advance(began + 88 * DAY)

        assert waiting_key().addresses.get().url == keyring.present_url(waiting_key())

    def test_rotates_each_owner_and_purpose_by_itself(
        self, began: datetime, tenant: Tenant, make_key: MakeKey
    ) -> None:
        own = make_key(state=State.ACTIVE, tenant=tenant, activated_at=began + 30 * DAY)
        pdf = make_key(state=State.ACTIVE, purpose=Purpose.PDF, activated_at=began)

        assert [done for done, _ in advance(began + 88 * DAY)] == [Done.PUBLISHED] * 2
        assert [done for done, _ in advance(began + 90 * DAY)] == [Done.ACTIVATED] * 2
        own.refresh_from_db()
        pdf.refresh_from_db()
        assert (own.state, pdf.state) == (State.ACTIVE, State.VERIFY_ONLY)

    def test_may_be_narrowed_to_some_keys(
        self, began: datetime, tenant: Tenant, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant, activated_at=began)
        [(_, following)] = advance(began + 88 * DAY, among=SigningKey.objects.filter(tenant=tenant))

        assert SigningKey.objects.get(thumbprint=following).tenant == tenant
        assert SigningKey.objects.filter(state=State.NEXT).count() == 1

    def test_leaves_a_compromised_key_to_others(
        self, platform_key: SigningKey, began: datetime
    ) -> None:
        SigningKey.objects.update(state=State.COMPROMISED, compromised_at=began)

        assert advance(began + 200 * DAY) == []


class TestARotation:
    @pytest.fixture
    def rotated(
        self, platform_key: SigningKey, began: datetime, django_capture_on_commit_callbacks: Any
    ) -> SigningKey:
        advance(began + 88 * DAY)
        with django_capture_on_commit_callbacks(execute=True):
            advance(began + 90 * DAY)
        return SigningKey.objects.get(state=State.ACTIVE)

    def test_is_in_the_audit_chain_of_its_owner(
        self, rotated: SigningKey, platform_key: SigningKey
    ) -> None:
        record = AuditRecord.objects.get(event="certification.kid.rotated")

        assert (record.tenant_id, record.actor) == ("", "service:rotation")
        assert json.loads(record.payload) == {
            "kid": rotated.thumbprint,
            "previous_kid": platform_key.thumbprint,
        }

    def test_is_one_line_one_count_and_one_word_to_others(
        self,
        platform_key: SigningKey,
        began: datetime,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        advance(began + 88 * DAY)
        heard: list[Any] = []
        keys_changed.connect(receiver := lambda **_: heard.append(states()), weak=False)
        before = rotations("scheduled")
        try:
            with (
                structlog.testing.capture_logs() as lines,
                django_capture_on_commit_callbacks(execute=True),
            ):
                advance(began + 90 * DAY)
        finally:
            keys_changed.disconnect(receiver)

        following = SigningKey.objects.get(state=State.ACTIVE).thumbprint
        assert rotations("scheduled") == before + 1
        assert heard == [states()]
        assert lines == [
            {
                "event": "certification.kid.rotated",
                "kid": following,
                "previous_kid": platform_key.thumbprint,
                "audit": True,
                "log_level": "info",
            }
        ]

    @pytest.mark.parametrize("day", [88, 90, 91])
    def test_tells_others_of_every_step(
        self,
        day: int,
        platform_key: SigningKey,
        began: datetime,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        for former in (88, 90, 91):
            if former < day:
                advance(began + former * DAY)
        heard: list[Any] = []
        keys_changed.connect(receiver := lambda **_: heard.append(1), weak=False)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                advance(began + day * DAY)
        finally:
            keys_changed.disconnect(receiver)

        assert heard == [1]


class TestAFailedSelfTest:
    @pytest.fixture
    def end(self, began: datetime) -> datetime:
        advance(began + 88 * DAY)
        return began + 90 * DAY

    def test_leaves_the_former_key_signing(
        self, platform_key: SigningKey, end: datetime, tenant: Tenant
    ) -> None:
        [step] = rotation.advance(now=end, fetch=lambda _: '{"keys": []}')

        assert (step.done, step.reason) == (
            Done.ROLLED_BACK,
            "the published key set holds it 0 times",
        )
        assert keyring.active_key(tenant=tenant) == platform_key
        assert waiting_key().activated_at is None
        assert not AuditRecord.objects.exists()

    def test_is_an_error_line_and_an_overdue_rotation(
        self, end: datetime, django_capture_on_commit_callbacks: Any
    ) -> None:
        SigningKey.objects.filter(state=State.NEXT).update(sealed_private=b"\x01 altered")
        before = rotations("scheduled")
        with (
            structlog.testing.capture_logs() as lines,
            django_capture_on_commit_callbacks(execute=True),
        ):
            advance(end + 0.1 * DAY)

        assert lines == [
            {
                "event": "rotation_rolled_back",
                "step": "activate",
                "kid": waiting_key().thumbprint,
                "reason": "it cannot sign: CannotOpen",
                "log_level": "error",
            }
        ]
        assert rotations("scheduled") == before
        assert gauges.rotation_due(now=end) == end.timestamp()

    def test_is_tried_again_and_heals(self, end: datetime) -> None:
        rotation.advance(now=end, fetch=lambda _: "nothing")

        assert [done for done, _ in advance(end + 0.1 * DAY)] == [Done.ACTIVATED]

    def test_stops_no_other_owner(self, end: datetime, tenant: Tenant, make_key: MakeKey) -> None:
        SigningKey.objects.filter(state=State.NEXT).update(sealed_private=b"\x01 altered")
        own = make_key(state=State.NEXT, tenant=tenant)

        assert {done for done, _ in advance(end)} == {Done.ROLLED_BACK, Done.ACTIVATED}
        assert keyring.active_key(tenant=tenant) == own

    def test_is_what_any_failure_of_a_step_is(
        self, end: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        advance(end)

        def broken(_: SigningKey) -> None:
            raise RuntimeError("the token is away")

        monkeypatch.setattr(custody, "destroy", broken)

        assert [done for done, _ in advance(end + DAY)] == [Done.ROLLED_BACK]
        assert SigningKey.objects.filter(state=State.VERIFY_ONLY).count() == 1


class TestClock:
    """R6: a wrong clock may make a rotation early or late, never two of one."""

    def test_that_jumps_ahead_still_publishes_before_it_signs(self, began: datetime) -> None:
        assert [done for done, _ in advance(began + 1000 * DAY)] == [Done.PUBLISHED]
        assert advance(began + 1000 * DAY) == []

    def test_that_jumps_back_undoes_nothing_and_repeats_nothing(self, began: datetime) -> None:
        for day in (88, 90):
            advance(began + day * DAY)
        standing = states()

        for back in (timedelta(hours=1), DAY, 89 * DAY):
            assert advance(began + 90 * DAY - back) == []
        assert states() == standing

    def test_that_differs_between_workers_rotates_once(self, began: datetime) -> None:
        skew = timedelta(minutes=2)
        for day in (88, 90, 91):
            moment = began + day * DAY
            done = [step for at in (moment, moment + skew, moment - skew) for step in advance(at)]
            assert len(done) == 1

    def test_shows_a_key_to_caches_longer_than_they_keep_it_in_spite_of_skew(
        self, platform_key: SigningKey, settings: Any, now: datetime
    ) -> None:
        skew = timedelta(minutes=2)
        rotation.start(
            tenant=None,
            purpose=Purpose.CREDENTIAL_JWS,
            wait=timetable.shortest_wait(),
            now=now,
        )
        max_age = timedelta(seconds=settings.JWKS_MAX_AGE)

        assert advance(now + max_age + skew) == []

    def test_that_runs_for_a_year_rotates_every_ninety_days(
        self, platform_key: SigningKey, began: datetime
    ) -> None:
        for day in range(365):
            advance(began + day * DAY)

        times = sorted(
            key.activated_at for key in SigningKey.objects.all() if key.activated_at is not None
        )
        assert len(times) == 5
        assert {later - sooner for sooner, later in pairwise(times)} == {90 * DAY}
