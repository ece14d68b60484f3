from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from signing import keyring
from signing.management.commands.rotate_keys import Command
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State
DAY = timedelta(days=1)


class Clock:
    """The command's clock: two minutes pass whenever the command pauses."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += timedelta(minutes=2)


@pytest.fixture
def clock(platform_key: SigningKey) -> Clock:
    """Return a clock that stands at the moment the platform's key began to sign."""
    assert platform_key.activated_at is not None
    return Clock(platform_key.activated_at)


Rotate = Callable[..., list[str]]


@pytest.fixture
def rotate(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Rotate:
    monkeypatch.setattr(Command, "clock", staticmethod(clock))
    monkeypatch.setattr(Command, "pause", staticmethod(clock.pause))

    def run(*arguments: str) -> list[str]:
        printed = StringIO()
        call_command("rotate_keys", *arguments, stdout=printed)
        return printed.getvalue().splitlines()

    return run


def waiting() -> SigningKey:
    return SigningKey.objects.get(state=State.NEXT)


class TestWithoutOptions:
    def test_says_when_the_next_step_is_where_nothing_is_due(
        self, rotate: Rotate, platform_key: SigningKey, clock: Clock
    ) -> None:
        at = f"{clock.now + 88 * DAY:%Y-%m-%d %H:%M:%S} UTC"
        key = f"platform credential-jws {platform_key.thumbprint}"
        assert rotate() == [
            "Nothing is due.",
            f"Next step: {key}: its successor is published on {at}.",
        ]

    def test_takes_the_due_steps_of_every_owner(
        self, rotate: Rotate, clock: Clock, tenant: Tenant, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant, activated_at=clock.now)
        clock.now += 88 * DAY

        told = rotate()
        assert [line.partition(" ")[0] for line in told[:-1]] == ["platform", "harbour"]
        assert all("published, it signs from" in line for line in told[:-1])

    def test_fails_with_the_reason_when_a_step_was_rolled_back(
        self, rotate: Rotate, clock: Clock, make_key: MakeKey
    ) -> None:
        broken = make_key(state=State.NEXT, sealed_private=b"\x01 altered")
        clock.now += 200 * DAY

        with pytest.raises(CommandError) as error:
            rotate()
        assert f"{broken.thumbprint}: it cannot sign: CannotOpen" in str(error.value)
        assert "the former key goes on signing" in str(error.value)
        assert error.value.returncode == 1


class TestNow:
    def test_publishes_says_when_it_signs_and_returns(self, rotate: Rotate, clock: Clock) -> None:
        began = clock.now
        told = rotate("--now")

        at = f"{began + timedelta(minutes=10):%Y-%m-%d %H:%M:%S} UTC"
        key = f"platform credential-jws {waiting().thumbprint}"
        assert told == [
            f"{key}: published, it signs from {at}.",
            f"Next step: {key}: it begins to sign on {at}.",
        ]
        assert clock.now == began

    def test_leaves_the_tenants_own_keys_alone(
        self, rotate: Rotate, tenant: Tenant, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant)
        rotate("--now")

        assert waiting().tenant is None

    def test_rotates_every_purpose_that_has_keys(self, rotate: Rotate, make_key: MakeKey) -> None:
        make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.PDF)
        rotate("--now")

        purposes = SigningKey.objects.filter(state=State.NEXT).values_list("purpose", flat=True)
        assert set(purposes) == {"credential-jws", "pdf"}

    def test_makes_the_first_key_of_a_purpose_and_says_why_it_signs_at_once(
        self, rotate: Rotate
    ) -> None:
        [told, _] = rotate("--purpose", "service")

        assert "signs at once: it is the first, no cached key set can lack it" in told

    def test_repairs_a_waiting_key_that_cannot_sign(
        self, rotate: Rotate, make_key: MakeKey
    ) -> None:
        broken = make_key(state=State.NEXT, sealed_private=b"\x01 altered")
        rotate("--now")

        assert waiting() != broken


class TestWait:
    def test_returns_when_the_key_signs(
        self, rotate: Rotate, clock: Clock, platform_key: SigningKey
    ) -> None:
        began = clock.now
        told = rotate("--now", "--wait")

        assert clock.now == began + timedelta(minutes=10)
        assert told[1].endswith("signs now; the former key only verifies.")
        assert SigningKey.objects.get(state=State.ACTIVE) != platform_key

    def test_returns_also_when_somebody_else_let_it_sign(
        self, rotate: Rotate, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def beat(seconds: float) -> None:
            SigningKey.objects.filter(state=State.ACTIVE).update(state=State.VERIFY_ONLY)
            SigningKey.objects.filter(state=State.NEXT).update(state=State.ACTIVE)

        monkeypatch.setattr(Command, "pause", staticmethod(beat))

        assert "published" in rotate("--now", "--wait")[0]

    def test_returns_at_once_where_no_key_waits(self, rotate: Rotate, clock: Clock) -> None:
        began = clock.now

        assert rotate("--wait")[0] == "Nothing is due."
        assert clock.now == began


class TestTenant:
    def test_that_has_no_keys_is_told_how_to_get_some(self, rotate: Rotate, tenant: Tenant) -> None:
        with pytest.raises(CommandError, match=r"the platform's sign for it\. To give it .* --now"):
            rotate("--tenant", "harbour")

    def test_is_given_keys_by_now(
        self, rotate: Rotate, tenant: Tenant, platform_key: SigningKey
    ) -> None:
        rotate("--tenant", "harbour", "--now")

        assert waiting().tenant == tenant
        assert keyring.active_key(tenant=tenant) == platform_key

    def test_that_is_unknown_is_named(self, rotate: Rotate) -> None:
        with pytest.raises(CommandError, match="There is no tenant 'nobody'") as error:
            rotate("--tenant", "nobody")
        assert error.value.returncode == 2

    def test_takes_the_steps_of_its_own_keys_only(
        self, rotate: Rotate, clock: Clock, tenant: Tenant, make_key: MakeKey
    ) -> None:
        make_key(state=State.ACTIVE, tenant=tenant, activated_at=clock.now)
        clock.now += 88 * DAY
        rotate("--tenant", "harbour")

        assert waiting().tenant == tenant


class TestPurpose:
    def test_that_is_unknown_is_refused_with_the_known_ones(self, rotate: Rotate) -> None:
        with pytest.raises(CommandError, match="credential-jws"):
            rotate("--purpose", "tls")

    def test_narrows_the_rotation(self, rotate: Rotate, make_key: MakeKey) -> None:
        make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.PDF)
        rotate("--purpose", "pdf", "--now")

        assert waiting().purpose == SigningKey.Purpose.PDF
