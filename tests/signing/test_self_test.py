import json
from typing import Any

import pytest

from signing import self_test
from signing.models import SigningKey
from signing.self_test import SelfTestFailed
from tenants.models import Tenant
from tests.signing.conftest import MakeKey

State = SigningKey.State


def change(key: SigningKey, **members: Any) -> str:
    document = json.loads(self_test.published_set(key))
    for member in document["keys"]:
        member.update(members)
    return json.dumps(document)


class TestRun:
    def test_passes_for_every_key_that_is_published_as_it_is(
        self, platform_key: SigningKey, tenant: Tenant, make_key: MakeKey
    ) -> None:
        for key in (
            platform_key,
            make_key(state=State.NEXT),
            make_key(state=State.NEXT, tenant=tenant),
            make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.CREDENTIAL_DI),
        ):
            self_test.run(key)

    def test_reads_no_key_set_for_a_purpose_that_is_in_none(self, make_key: MakeKey) -> None:
        self_test.run(make_key(state=State.ACTIVE, purpose=SigningKey.Purpose.SERVICE))

    def test_fails_where_the_set_lacks_the_key(self, platform_key: SigningKey) -> None:
        with pytest.raises(SelfTestFailed, match="holds it 0 times"):
            self_test.run(platform_key, fetch=lambda _: '{"keys": []}')

    def test_fails_where_the_set_holds_another_key_under_this_kid(
        self, platform_key: SigningKey, make_key: MakeKey
    ) -> None:
        other = make_key(state=State.VERIFY_ONLY).public_jwk

        with pytest.raises(SelfTestFailed, match="does not verify: signature"):
            self_test.run(platform_key, fetch=lambda key: change(key, x=other["x"], y=other["y"]))

    def test_fails_where_the_private_part_does_not_open(self, make_key: MakeKey) -> None:
        with pytest.raises(SelfTestFailed, match="cannot sign: CannotOpen"):
            self_test.run(make_key(state=State.NEXT, sealed_private=b"\x01 altered"))

    @pytest.mark.parametrize("document", ["", "[]", "{}", '{"keys": [1]}'])
    def test_fails_where_no_set_is_served(self, platform_key: SigningKey, document: str) -> None:
        with pytest.raises(SelfTestFailed, match="cannot be read"):
            self_test.run(platform_key, fetch=lambda _: document)
