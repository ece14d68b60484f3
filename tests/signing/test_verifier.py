import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from signing import jwk, keyring, signer, vault, verifier
from signing.models import SigningKey
from signing.verifier import Outcome, Verification
from tenants.models import Tenant
from tests.signing import arbitrary, hostile
from tests.signing.conftest import MakeKey
from tests.signing.tokens import token

State = SigningKey.State
PAYLOAD = {"iss": "did:web:testserver:tenants:harbour", "name": "Zoë"}
DATA = json.dumps(PAYLOAD).encode()


@pytest.fixture
def signed(tenant: Tenant, platform_key: SigningKey, now: datetime) -> signer.Signed:
    [signed] = signer.sign(tenant=tenant, payloads=[DATA], typ="JWT", now=now)
    return signed


@pytest.fixture
def verify(tenant: Tenant, now: datetime) -> Callable[..., Verification]:
    def call(compact: str, **other: Any) -> Verification:
        return verifier.verify(
            **{"tenant": tenant, "compact": compact, "typ": "JWT", "now": now, **other}
        )

    return call


Verify = Callable[..., Verification]


class TestVerify:
    def test_believes_what_the_signer_signed(
        self, signed: signer.Signed, verify: Verify, platform_key: SigningKey
    ) -> None:
        assert verify(signed.compact) == Verification(
            Outcome.GOOD, payload=PAYLOAD, kid=platform_key.thumbprint, kid_url=signed.kid_url
        )

    def test_asks_the_database_once(
        self, signed: signer.Signed, verify: Verify, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            verify(signed.compact)

    def test_asks_the_database_nothing_about_a_malformed_token(
        self, verify: Verify, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert verify("no token").reason == "not-compact"

    def test_names_the_key_of_a_bad_signature(self, signed: signer.Signed, verify: Verify) -> None:
        header, payload, _ = signed.compact.split(".")

        assert verify(f"{header}.{payload}.{'A' * 86}") == Verification(
            Outcome.BAD, kid=signed.kid, kid_url=signed.kid_url, reason="signature"
        )

    @pytest.mark.parametrize("state", [State.VERIFY_ONLY, State.DESTROYED])
    def test_believes_a_retired_key_for_ever(
        self, state: State, signed: signer.Signed, verify: Verify, now: datetime
    ) -> None:
        SigningKey.objects.update(state=state, sealed_private=None)

        assert verify(signed.compact, now=now + timedelta(days=20_000)).outcome is Outcome.GOOD

    def test_leaves_a_compromised_key_to_the_caller(
        self, signed: signer.Signed, verify: Verify, now: datetime
    ) -> None:
        SigningKey.objects.update(state=State.COMPROMISED, compromised_at=now)
        found = verify(signed.compact)

        assert found.outcome is Outcome.COMPROMISED
        assert (found.payload, found.compromised_at) == (PAYLOAD, now)

    def test_calls_a_forgery_bad_whatever_became_of_the_key(
        self, signed: signer.Signed, verify: Verify, now: datetime
    ) -> None:
        SigningKey.objects.update(state=State.COMPROMISED, compromised_at=now)
        header, payload, _ = signed.compact.split(".")

        assert verify(f"{header}.{payload}.{'A' * 86}").outcome is Outcome.BAD

    def test_does_not_believe_a_key_before_its_time(
        self, verify: Verify, make_key: MakeKey, now: datetime
    ) -> None:
        tomorrow = now + timedelta(days=1)
        key = make_key(state=State.NEXT, activates_at=tomorrow)
        compact = token(
            {"alg": "ES256", "kid": keyring.present_url(key), "typ": "JWT"},
            DATA,
            vault.unseal(key.sealed_private, bound_to=key.bound_to),
        )

        assert verify(compact).reason == "kid"
        assert verify(compact, now=tomorrow).outcome is Outcome.GOOD

    def test_believes_an_address_of_a_former_origin(
        self, signed: signer.Signed, verify: Verify, settings: Any
    ) -> None:
        settings.BASE_URL = "https://moved.example"

        assert verify(signed.compact).outcome is Outcome.GOOD

    def test_takes_a_longer_document_where_the_caller_expects_one(
        self, tenant: Tenant, verify: Verify, now: datetime
    ) -> None:
        data = json.dumps({"list": "x" * 20_000}).encode()
        [long] = signer.sign(tenant=tenant, payloads=[data], typ="vc+jwt", now=now)

        assert verify(long.compact, typ="vc+jwt").reason == "too-long"
        assert verify(long.compact, typ="vc+jwt", limit=64 * 1024).outcome is Outcome.GOOD

    def test_lets_a_failing_database_be_a_failure(
        self, signed: signer.Signed, verify: Verify, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(**_: Any) -> None:
            raise OperationalError

        monkeypatch.setattr(keyring, "key_by_address", away)

        with pytest.raises(OperationalError):
            verify(signed.compact)


class TestAnotherTenant:
    def test_is_not_verified_by_a_key_of_its_neighbour(
        self, tenant: Tenant, stranger: Tenant, make_key: MakeKey, verify: Verify, now: datetime
    ) -> None:
        make_key(state=State.ACTIVE, tenant=stranger)
        [signed] = signer.sign(tenant=stranger, payloads=[DATA], typ="JWT", now=now)

        assert verify(signed.compact, tenant=stranger).outcome is Outcome.GOOD
        assert verify(signed.compact, tenant=tenant) == Verification(Outcome.BAD, reason="kid")


class TestHostileTokens:
    @pytest.fixture
    def world(
        self, signed: signer.Signed, platform_key: SigningKey, stranger: Tenant, make_key: MakeKey
    ) -> hostile.World:
        strange = make_key(state=State.ACTIVE, tenant=stranger)
        return hostile.World(
            good=signed.compact,
            payload=DATA,
            header={"alg": "ES256", "kid": signed.kid_url, "typ": "JWT"},
            key=vault.unseal(platform_key.sealed_private, bound_to=platform_key.bound_to),
            attacker=jwk.generate(),
            strange_key=vault.unseal(strange.sealed_private, bound_to=strange.bound_to),
            strange_kid=keyring.present_url(strange),
        )

    def test_are_all_refused_with_a_reason(self, world: hostile.World, verify: Verify) -> None:
        tokens = dict(hostile.cases(world))
        answers = {name: verify(compact) for name, compact in tokens.items()}
        accepted = [name for name, found in answers.items() if found.outcome is not Outcome.BAD]

        assert verify(world.good).outcome is Outcome.GOOD
        assert verify(world.signed()).outcome is Outcome.GOOD
        assert accepted == []
        assert all(found.reason and found.payload is None for found in answers.values())
        assert len(set(tokens.values())) > 600
        # Every gate had something to stop.
        assert Counter(found.reason for found in answers.values()).keys() == {
            *("too-long", "not-compact", "base64", "header", "kid", "typ", "alg"),
            *("signature", "payload"),
        }

    def test_stay_hostile_to_a_key_that_is_compromised(
        self, world: hostile.World, verify: Verify, now: datetime
    ) -> None:
        SigningKey.objects.update(state=State.COMPROMISED, compromised_at=now)
        by_attacker = replace(world, key=world.attacker)

        assert verify(by_attacker.signed()).outcome is Outcome.BAD


class TestArbitraryTokens:
    """Keys of every state, each with a token by it that is believed or not: `Outcome`s by name."""

    EXPECTED = {
        "active": Outcome.GOOD,
        "verify-only": Outcome.GOOD,
        "destroyed": Outcome.GOOD,
        "compromised": Outcome.COMPROMISED,
        "too early": Outcome.BAD,
        "a stranger's": Outcome.BAD,
        "unknown": Outcome.BAD,
    }

    @pytest.fixture
    def rows(
        self, platform_key: SigningKey, stranger: Tenant, make_key: MakeKey, now: datetime
    ) -> dict[str, SigningKey]:
        return {
            "active": platform_key,
            "verify-only": make_key(state=State.VERIFY_ONLY),
            "destroyed": make_key(state=State.VERIFY_ONLY),
            "compromised": make_key(state=State.VERIFY_ONLY),
            "too early": make_key(state=State.NEXT, activates_at=now + timedelta(days=1)),
            "a stranger's": make_key(state=State.ACTIVE, tenant=stranger),
        }

    def test_are_believed_just_where_nothing_is_wrong_with_them(
        self, rows: dict[str, SigningKey], verify: Verify, now: datetime
    ) -> None:
        unknown = jwk.generate()
        keys = {
            name: vault.unseal(row.sealed_private, bound_to=row.bound_to)
            for name, row in rows.items()
        } | {"unknown": unknown}
        kids = {name: keyring.present_url(row) for name, row in rows.items()}
        thumbprint = jwk.thumbprint(jwk.public_jwk(unknown))
        kids["unknown"] = f"{kids['active'].rpartition('/')[0]}/{thumbprint}"
        gone = SigningKey.objects.filter(pk=rows["destroyed"].pk)
        gone.update(state=State.DESTROYED, sealed_private=None)
        stolen = SigningKey.objects.filter(pk=rows["compromised"].pk)
        stolen.update(state=State.COMPROMISED, compromised_at=now)

        @given(arbitrary.tokens(keys, kids))
        def judge(token: arbitrary.Token) -> None:
            found = verify(token.compact)
            expected = self.EXPECTED.get(token.believable_as, Outcome.BAD)
            assert found.outcome is expected
            assert found.payload == (token.payload if expected is not Outcome.BAD else None)
            assert bool(found.reason) == (expected is not Outcome.GOOD)

        judge()

    def test_need_not_be_tokens_at_all(self, platform_key: SigningKey, verify: Verify) -> None:
        @given(arbitrary.TEXT | st.text("AQeyJ-_.=", max_size=60))
        def judge(text: str) -> None:
            assert verify(text).outcome is Outcome.BAD

        judge()
