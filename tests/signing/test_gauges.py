"""What operators watch of the keys."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from signing import gauges
from signing.keyring import NoActiveKey
from signing.models import KeyAddress, SigningKey
from signing.rotation import ensure_first_key
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State


@pytest.fixture(autouse=True)
def no_keys(db: None) -> None:
    """Take away the key that the migrations made."""
    KeyAddress.objects.all().delete()
    SigningKey.objects.all().delete()


class TestRotationDue:
    def test_is_far_away_while_nothing_is_pending(self, now: datetime) -> None:
        assert datetime.fromtimestamp(gauges.rotation_due(now=now), now.tzinfo).year == 9999

    def test_is_the_planned_end_of_the_active_key(self, now: datetime) -> None:
        key = ensure_first_key(now=now)
        lifetime = timedelta(seconds=settings.KEY_LIFETIME)
        assert gauges.rotation_due(now=now) == (now + lifetime).timestamp()
        SigningKey.objects.filter(pk=key.pk).update(deactivates_at=now + timedelta(days=1))
        assert gauges.rotation_due(now=now) == (now + timedelta(days=1)).timestamp()

    def test_is_when_the_next_key_may_be_activated(self, now: datetime) -> None:
        key = ensure_first_key(now=now)
        soon = now + timedelta(hours=24)
        SigningKey.objects.filter(pk=key.pk).update(state=SigningKey.State.NEXT, activates_at=soon)
        assert gauges.rotation_due(now=now) == soon.timestamp()

    def test_is_the_soonest_of_all_owners_and_purposes(
        self, now: datetime, tenant: Tenant, make_key: MakeKey
    ) -> None:
        ensure_first_key(now=now)
        for days, state in ((-3, State.ACTIVE), (1, State.VERIFY_ONLY)):
            begun = now + timedelta(days=days)
            make_key(state=state, tenant=tenant, activates_at=begun, activated_at=begun)
        lifetime = timedelta(seconds=settings.KEY_LIFETIME)

        assert gauges.rotation_due(now=now) == (now - timedelta(days=3) + lifetime).timestamp()

    def test_lies_in_the_past_while_a_rotation_is_late(self, now: datetime) -> None:
        ensure_first_key(now=now - timedelta(days=100))

        assert gauges.rotation_due(now=now) == (now - timedelta(days=10)).timestamp()


class TestAKeyIsActive:
    def test_raises_without_a_platform_key(self, now: datetime) -> None:
        with pytest.raises(NoActiveKey):
            gauges.a_key_is_active()
        ensure_first_key(now=now)
        gauges.a_key_is_active()
