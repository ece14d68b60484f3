from datetime import datetime
from typing import Any

import pkcs11
import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pkcs11.exceptions import DeviceError

from signing import custody, rewrapping
from signing.models import SigningKey
from tests.signing.conftest import MakeKey
from tests.signing.test_custody import row
from tests.softhsm import Hsm

RANDOM = bytes(range(32))


@pytest.fixture
def token_key(hsm: Hsm, db: None, now: datetime) -> SigningKey:
    """A key that will sign next, in a token."""
    key = row(custody.make(tenant_id=None, purpose=SigningKey.Purpose.SERVICE), now)
    key.save()
    return key


def ids(tag: str, **kwargs: Any) -> list[str | None]:
    found = checks.run_checks(tags=[tag], **kwargs)
    return [message.id for message in found if str(message.id).startswith("signing.")]


class TestKeysOpen:
    def test_with_the_right_key(self, db: None) -> None:
        assert ids("database", databases=["default"]) == []

    def test_says_which_do_not(
        self, platform_key: SigningKey, make_key: MakeKey, settings: Any
    ) -> None:
        make_key(state=SigningKey.State.NEXT)
        make_key(state=SigningKey.State.VERIFY_ONLY)
        settings.KEY_ENCRYPTION_KEY = RANDOM

        assert ids("database", databases=["default"]) == ["signing.E001", "signing.E001"]

    def test_with_the_right_key_as_the_previous_one(
        self, platform_key: SigningKey, settings: Any
    ) -> None:
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = settings.KEY_ENCRYPTION_KEY
        settings.KEY_ENCRYPTION_KEY = RANDOM

        assert "signing.E001" not in ids("database", databases=["default"])

    def test_waits_for_a_column_that_is_still_to_come(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`migrate` checks first, on the columns of the version before."""
        describe = connection.introspection.get_table_description

        def before(cursor: Any, table: str) -> Any:
            return [column for column in describe(cursor, table) if column.name != "custody"]

        monkeypatch.setattr(connection.introspection, "get_table_description", before)
        monkeypatch.setattr(SigningKey.objects, "filter", None)

        assert ids("database", databases=["default"]) == []

    def test_in_a_token_that_holds_them(
        self, platform_key: SigningKey, token_key: SigningKey
    ) -> None:
        assert ids("database", databases=["default"]) == []

    def test_names_a_key_that_the_token_does_not_hold(
        self, platform_key: SigningKey, token_key: SigningKey
    ) -> None:
        custody.destroy(token_key)

        [message] = checks.run_checks(tags=["database"], databases=["default"])
        assert (message.id, token_key.thumbprint in message.msg) == ("signing.E004", True)

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("PKCS11_MODULE", "/nowhere.so"),
            ("PKCS11_TOKEN", "another"),
            ("PKCS11_PIN", "wrong-pin-55501"),
        ],
    )
    def test_names_the_variable_of_a_token_that_cannot_be_used(
        self, variable: str, value: str, token_key: SigningKey, settings: Any
    ) -> None:
        setattr(settings, variable, value)

        [message] = checks.run_checks(tags=["database"], databases=["default"])
        assert (message.id, message.msg.split("=")[0].split()[0]) == ("signing.E005", variable)
        assert "wrong-pin-55501" not in message.msg

    def test_lets_the_service_start_while_the_token_is_out_of_order(
        self, hsm: Hsm, platform_key: SigningKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Verifying needs no token."""

        def broken(_: str) -> Any:
            raise DeviceError

        monkeypatch.setattr(pkcs11, "lib", broken)

        assert ids("database", databases=["default"]) == ["signing.W006"]

    def test_stops_the_start_of_a_command(self, db: None, settings: Any) -> None:
        settings.KEY_ENCRYPTION_KEY = RANDOM

        with pytest.raises(SystemCheckError, match="the KEY_ENCRYPTION_KEY this database was run"):
            call_command("check", tags=["database"], databases=["default"])


class TestPreviousKeyMayGo:
    def test_is_silent_where_there_is_none(self, platform_key: SigningKey) -> None:
        assert ids("database", databases=["default"]) == []

    def test_names_the_keys_that_still_need_it(
        self, platform_key: SigningKey, settings: Any
    ) -> None:
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = settings.KEY_ENCRYPTION_KEY
        settings.KEY_ENCRYPTION_KEY = RANDOM

        [message] = checks.run_checks(tags=["database"], databases=["default"])
        assert (message.id, message.level) == ("signing.W002", checks.WARNING)
        assert platform_key.thumbprint in message.msg

    def test_says_when_none_does(self, platform_key: SigningKey, settings: Any) -> None:
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = settings.KEY_ENCRYPTION_KEY
        settings.KEY_ENCRYPTION_KEY = RANDOM
        rewrapping.rewrap()

        assert ids("database", databases=["default"]) == ["signing.W003"]
