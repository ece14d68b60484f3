from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from signing import custody, jwk, jws
from signing.models import SigningKey

Purpose = SigningKey.Purpose
State = SigningKey.State


def row(new: custody.NewKey, now: datetime, **fields: Any) -> SigningKey:
    """Return a key as rotation stores it."""
    moments = {"published_at": now, "activates_at": now}
    purpose = fields.pop("purpose", Purpose.SERVICE)
    return SigningKey(**asdict(new), **moments, purpose=purpose, **{"state": State.NEXT} | fields)


def verifies(key: SigningKey, sign: custody.Sign) -> bool:
    """Say whether what `sign` makes is a token under the key."""
    [token] = jws.sign(
        signature=sign, algorithm=key.algorithm, kid="k", typ="JWT", payloads=[b'{"a":1}']
    )
    public = jwk.load_public(key.public_jwk)
    read = jws.verify(jws.parse(token), key=public, algorithm=key.algorithm, typ="JWT")
    return read == {"a": 1}


class TestMake:
    @pytest.mark.parametrize("purpose", [p for p in Purpose if p != Purpose.CREDENTIAL_DI])
    def test_signs_with_es256(self, purpose: Purpose) -> None:
        assert custody.make(tenant_id=None, purpose=purpose).algorithm == "ES256"

    def test_signs_data_integrity_proofs_with_eddsa(self) -> None:
        new = custody.make(tenant_id=None, purpose=Purpose.CREDENTIAL_DI)

        assert (new.algorithm, new.public_jwk["crv"]) == ("EdDSA", "Ed25519")

    def test_names_the_key_by_its_thumbprint(self) -> None:
        new = custody.make(tenant_id=None, purpose=Purpose.SERVICE)

        assert new.thumbprint == jwk.thumbprint(new.public_jwk)
        assert "d" not in new.public_jwk

    def test_keeps_the_sealed_bytes_out_of_its_text(self) -> None:
        new = custody.make(tenant_id=None, purpose=Purpose.SERVICE)

        assert new.sealed_private
        assert repr(new.sealed_private)[2:20] not in repr(new)


class TestOpened:
    @pytest.mark.parametrize("purpose", Purpose)
    def test_signs_so_that_the_public_part_verifies(self, purpose: Purpose, now: datetime) -> None:
        key = row(custody.make(tenant_id=None, purpose=purpose), now, purpose=purpose)

        assert verifies(key, custody.opened(key))

    def test_refuses_a_key_of_a_token_when_no_token_is_set(self, now: datetime) -> None:
        new = custody.make(tenant_id=None, purpose=Purpose.SERVICE)
        moved = replace(new, custody=SigningKey.Custody.PKCS11, sealed_private=None)

        with pytest.raises(custody.CannotOpen, match="PKCS11_MODULE is not set"):
            custody.opened(row(moved, now))


class TestDestroy:
    def test_leaves_no_sealed_bytes(self, now: datetime) -> None:
        key = row(custody.make(tenant_id=None, purpose=Purpose.SERVICE), now)

        custody.destroy(key)

        assert key.sealed_private is None
        with pytest.raises(custody.CannotOpen):
            custody.opened(key)
