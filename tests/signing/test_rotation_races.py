"""Workers that rotate at the same moment, and one that signs meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from observability.models import AuditRecord
from signing import custody, jws, keyring, moves, rotation, signer, timetable, verifier
from signing.models import SigningKey
from signing.rotation import Done
from signing.verifier import Outcome
from tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)

State = SigningKey.State
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WORKERS = 4


@pytest.fixture
def key() -> SigningKey:
    """The platform's key: a flush may have taken the one that migrating made."""
    SigningKey.objects.filter(addresses=None).delete()
    for row in SigningKey.objects.all():
        row.addresses.all().delete()
        row.delete()
    return rotation.ensure_first_key(now=NOW)


@pytest.fixture
def together() -> Iterator[Callable[..., list[Any]]]:
    """Return what runs one call in several threads at the same moment."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes writers one by one; needs TEST_DATABASE_URL")
    barrier = threading.Barrier(WORKERS)

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        yield lambda call: list(pool.map(run, [call] * WORKERS))


class TestWorkersAtOnce:
    def test_take_each_step_once(self, key: SigningKey, together: Callable[..., list[Any]]) -> None:
        for day, done in ((88, Done.PUBLISHED), (90, Done.ACTIVATED), (91, Done.DESTROYED)):
            taken = together(lambda at=NOW + day * DAY: rotation.advance(now=at))
            assert [step.done for steps in taken for step in steps] == [done]
        assert SigningKey.objects.count() == 2
        assert AuditRecord.objects.filter(event="certification.kid.rotated").count() == 1

    def test_begin_one_rotation(self, key: SigningKey, together: Callable[..., list[Any]]) -> None:
        def begin() -> str:
            try:
                return rotation.start(
                    tenant=None,
                    purpose=SigningKey.Purpose.CREDENTIAL_JWS,
                    wait=timetable.shortest_wait(),
                    now=NOW,
                ).thumbprint
            except moves.Overtaken:
                return "overtaken"

        told = set(together(begin)) - {"overtaken"}
        assert told == {SigningKey.objects.get(state=State.NEXT).thumbprint}

    def test_replace_a_key_and_end_with_one_that_signs(
        self, key: SigningKey, together: Callable[..., list[Any]]
    ) -> None:
        def replace() -> SigningKey:
            return rotation.replace_active(
                tenant=None,
                purpose=SigningKey.Purpose.CREDENTIAL_JWS,
                trigger=SigningKey.Trigger.COMPROMISE,
                now=NOW,
            )

        assert key not in together(replace)
        assert SigningKey.objects.filter(state=State.ACTIVE).count() == 1


class TestAWorkerThatIsLate:
    """The rows it read are old: what it does on their strength changes nothing."""

    def test_activates_nothing(self, key: SigningKey) -> None:
        rotation.advance(now=NOW + 88 * DAY)
        stale = SigningKey.objects.get(state=State.NEXT)
        rotation.advance(now=NOW + 90 * DAY)

        with pytest.raises(moves.Overtaken):
            moves.activate(stale, trigger="scheduled", actor="test", now=NOW + 90 * DAY)
        assert SigningKey.objects.get(state=State.ACTIVE).pk == stale.pk

    def test_publishes_nothing_beside_a_waiting_key(self, key: SigningKey) -> None:
        rotation.advance(now=NOW + 88 * DAY)

        with pytest.raises(IntegrityError):
            moves.publish(
                tenant=None,
                purpose=SigningKey.Purpose.CREDENTIAL_JWS,
                activates_at=NOW + 90 * DAY,
                trigger=SigningKey.Trigger.SCHEDULED,
                now=NOW + 88 * DAY,
            )
        key.refresh_from_db()
        assert key.deactivates_at == NOW + 90 * DAY

    def test_destroys_nothing_that_signs_again(self, key: SigningKey) -> None:
        with pytest.raises(moves.Overtaken):
            moves.destroy(key, now=NOW)
        key.refresh_from_db()
        assert key.sealed_private is not None


class TestSigningWhileKeysRotate:
    def test_ends_under_the_key_it_began_with(self, key: SigningKey) -> None:
        """The rotation commits after the key was chosen and before it is used."""
        tenant = Tenant.objects.create(slug="harbour", name="Harbour School", created_at=NOW)
        rotation.advance(now=NOW + 88 * DAY)
        opened = custody.opened

        def rotate_then_open(chosen: SigningKey) -> Any:
            patch.undo()
            thread = threading.Thread(target=_rotate)
            thread.start()
            thread.join()
            return opened(chosen)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(custody, "opened", rotate_then_open)
            [signed] = signer.sign(tenant=tenant, payloads=[b"{}"], typ="JWT", now=NOW)

        assert signed.kid == key.thumbprint
        assert keyring.active_key(tenant=tenant) != key
        verified = verifier.verify(
            compact=signed.compact, tenant=tenant, typ="JWT", now=NOW + 90 * DAY
        )
        assert verified.outcome is Outcome.GOOD
        assert jws.parse(signed.compact).kid == signed.kid_url

    def test_that_fails_leaves_no_trace_of_the_new_key_with_those_who_sign(
        self, key: SigningKey, together: Callable[..., list[Any]]
    ) -> None:
        """Until its test has passed, and the transaction with it, nobody can choose the key."""
        tenant = Tenant.objects.create(slug="harbour", name="Harbour School", created_at=NOW)
        rotation.advance(now=NOW + 88 * DAY)
        chosen: list[SigningKey] = []

        def look(_: SigningKey) -> str:
            def choose() -> None:
                chosen.append(keyring.active_key(tenant=tenant))
                connections.close_all()

            thread = threading.Thread(target=choose)
            thread.start()
            thread.join()
            return "nothing is served"

        steps = rotation.advance(now=NOW + 90 * DAY, fetch=look)
        assert [step.done for step in steps] == [Done.ROLLED_BACK]
        assert chosen == [key]


def _rotate() -> None:
    try:
        with transaction.atomic():
            rotation.advance(now=NOW + 90 * DAY)
    finally:
        connections.close_all()
