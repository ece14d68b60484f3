"""Keys inside a real token: SoftHSM2."""

import os
import threading
from datetime import datetime
from typing import Any

import pkcs11 as binding
import pytest
from pkcs11 import Attribute, ObjectClass
from pytest_django import Settings

from signing import custody, pkcs11_session, signer
from signing.models import SigningKey
from tenants.models import Tenant
from tests.signing.test_custody import Purpose, State, row, verifies
from tests.softhsm import PIN, Hsm


def made(now: datetime, **fields: Any) -> SigningKey:
    """Return a key that was made in the token."""
    purpose = fields.get("purpose", Purpose.SERVICE)
    return row(custody.make(tenant_id=fields.get("tenant_id"), purpose=purpose), now, **fields)


class TestMake:
    def test_leaves_the_private_part_in_the_token(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        [private] = [
            found for found in hsm.objects() if found[Attribute.CLASS] == ObjectClass.PRIVATE_KEY
        ]

        assert (key.custody, key.sealed_private) == ("pkcs11", None)
        assert private[Attribute.LABEL] == key.thumbprint
        for promise in ("SENSITIVE", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE"):
            assert private[Attribute[promise]], promise
        assert not private[Attribute.EXTRACTABLE]
        with pytest.raises(binding.AttributeSensitive):
            private[Attribute.VALUE]

    def test_is_refused_by_name_while_the_token_is_away(self, hsm: Hsm) -> None:
        hsm.unplug()

        with pytest.raises(pkcs11_session.TokenMisconfigured, match="PKCS11_TOKEN='certification'"):
            custody.make(tenant_id=None, purpose=Purpose.SERVICE)


class TestOpened:
    @pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.CREDENTIAL_DI])
    def test_signs_so_that_the_public_part_verifies(
        self, hsm: Hsm, now: datetime, purpose: Purpose
    ) -> None:
        key = made(now, purpose=purpose)

        assert verifies(key, custody.opened(key))

    def test_still_signs_under_keys_sealed_before(
        self, hsm: Hsm, now: datetime, settings: Settings
    ) -> None:
        settings.PKCS11_MODULE = ""
        sealed = made(now)
        settings.PKCS11_MODULE = hsm.module

        assert sealed.custody == "vault"
        assert verifies(sealed, custody.opened(sealed))

    @pytest.mark.parametrize(
        "moved", [{"tenant_id": "another-tenant"}, {"purpose": Purpose.CREDENTIAL_JWS}]
    )
    def test_finds_no_key_for_another_owner_or_purpose(
        self, hsm: Hsm, now: datetime, moved: dict[str, Any]
    ) -> None:
        key = made(now)
        for name, value in moved.items():
            setattr(key, name, value)

        with pytest.raises(custody.CannotOpen, match="holds no key"):
            custody.opened(key)

    def test_opens_the_token_again_when_the_session_was_cut(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        sign = custody.opened(key)
        pkcs11_session.in_session(lambda session: session.close())

        assert verifies(key, sign)

    def test_signs_again_once_the_token_is_back(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        sign = custody.opened(key)
        hsm.unplug()
        with pytest.raises(pkcs11_session.TokenAway):
            sign(b"message")
        hsm.plug_in()

        assert verifies(key, sign)

    def test_is_shared_by_threads(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        sign = custody.opened(key)
        good: list[bool] = []

        def work() -> None:
            good.extend(verifies(key, sign) for _ in range(20))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert good == [True] * 160

    def test_works_in_a_forked_child_and_in_its_parent(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        sign = custody.opened(key)
        child = os.fork()
        if child == 0:
            os._exit(0 if verifies(key, sign) and verifies(key, custody.opened(key)) else 1)
        _, status = os.waitpid(child, 0)

        assert os.waitstatus_to_exitcode(status) == 0
        assert verifies(key, sign)


class TestDestroy:
    def test_destroys_both_halves_in_the_token(self, hsm: Hsm, now: datetime) -> None:
        key, other = made(now), made(now)

        custody.destroy(key)

        assert hsm.labels() == {other.thumbprint}
        with pytest.raises(custody.CannotOpen, match="holds no key"):
            custody.opened(key)
        assert verifies(other, custody.opened(other))

    def test_of_a_destroyed_key_changes_nothing(self, hsm: Hsm, now: datetime) -> None:
        key = made(now)
        custody.destroy(key)

        custody.destroy(key)

        assert hsm.labels() == set()


class TestSession:
    def test_is_opened_once_for_a_batch(
        self, hsm: Hsm, tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        new = custody.make(tenant_id=tenant.pk, purpose=Purpose.CREDENTIAL_JWS)
        own = row(new, now, tenant=tenant, purpose=Purpose.CREDENTIAL_JWS, state=State.ACTIVE)
        own.save()
        pkcs11_session.close()
        opened = []
        load = binding.lib

        def counted(module: str) -> Any:
            opened.append(module)
            return load(module)

        monkeypatch.setattr(binding, "lib", counted)
        payloads = [b'{"n":%d}' % number for number in range(500)]
        signed = signer.sign(tenant=tenant, payloads=payloads, typ="JWT", now=now)

        assert {one.kid for one in signed} == {own.thumbprint}
        assert len({one.compact for one in signed}) == 500
        assert opened == [hsm.module]

    def test_tries_a_wrong_pin_once(self, hsm: Hsm, settings: Settings) -> None:
        settings.PKCS11_PIN = "wrong-pin-55501"
        for _ in range(20):
            with pytest.raises(pkcs11_session.TokenMisconfigured, match="PKCS11_PIN") as raised:
                pkcs11_session.probe()
            assert settings.PKCS11_PIN not in str(raised.value)
        settings.PKCS11_PIN = PIN

        pkcs11_session.probe()

    def test_names_a_module_that_cannot_be_loaded(self, hsm: Hsm, settings: Settings) -> None:
        settings.PKCS11_MODULE = "/nowhere/token"

        with pytest.raises(
            pkcs11_session.TokenMisconfigured, match="PKCS11_MODULE='/nowhere/token'"
        ):
            pkcs11_session.probe()
