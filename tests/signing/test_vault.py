import base64
import json
import os
import traceback
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from signing import jwk, vault
from signing.models import SigningKey

BOUND_TO = b"platform|thumbprint|credential-jws"


def first_form(key: jwk.Key) -> bytes:
    """Return a key as the service sealed it before it wrote down under which key."""
    data_key, nonces = os.urandom(32), [os.urandom(12), os.urandom(12)]
    wrapped = AESGCM(settings.KEY_ENCRYPTION_KEY).encrypt(nonces[0], data_key, BOUND_TO)
    private = AESGCM(data_key).encrypt(nonces[1], jwk.private_bytes(key), BOUND_TO)
    return b"\x01" + nonces[0] + wrapped + nonces[1] + private


def change_key(settings: Any) -> None:
    """Give the service another key encryption key, beside the one it had."""
    settings.KEY_ENCRYPTION_KEY_PREVIOUS = settings.KEY_ENCRYPTION_KEY
    settings.KEY_ENCRYPTION_KEY = os.urandom(32)


class TestUnseal:
    def test_returns_what_was_sealed(self) -> None:
        key = jwk.generate()

        assert vault.unseal(vault.seal(key, bound_to=BOUND_TO), bound_to=BOUND_TO) == key

    def test_reads_what_postgresql_returns(self) -> None:
        key = jwk.generate()
        sealed = memoryview(vault.seal(key, bound_to=BOUND_TO))

        assert vault.unseal(sealed, bound_to=BOUND_TO) == key

    @pytest.mark.parametrize(
        "elsewhere",
        [
            b"tenant0001|thumbprint|credential-jws",
            b"platform|thumbprinT|credential-jws",
            b"platform|thumbprint|credential-di",
            b"",
        ],
    )
    def test_stays_shut_in_another_row(self, elsewhere: bytes) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)

        with pytest.raises(vault.CannotOpen):
            vault.unseal(sealed, bound_to=elsewhere)

    def test_stays_shut_under_another_key_encryption_key(self, settings: Any) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)
        settings.KEY_ENCRYPTION_KEY = b"o" * 32

        with pytest.raises(vault.CannotOpen):
            vault.unseal(sealed, bound_to=BOUND_TO)

    def test_notices_every_changed_byte(self) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)

        for at in range(len(sealed)):
            changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with pytest.raises(vault.CannotOpen):
                vault.unseal(changed, bound_to=BOUND_TO)

    def test_notices_every_missing_byte(self) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)

        for length in range(len(sealed)):
            with pytest.raises(vault.CannotOpen):
                vault.unseal(sealed[:length], bound_to=BOUND_TO)

    def test_has_nothing_to_open_in_a_destroyed_key(self) -> None:
        with pytest.raises(vault.CannotOpen):
            vault.unseal(None, bound_to=BOUND_TO)

    def test_opens_what_the_first_form_sealed(self) -> None:
        key = jwk.generate()

        assert vault.unseal(first_form(key), bound_to=BOUND_TO) == key

    def test_opens_under_the_previous_key_encryption_key(self, settings: Any) -> None:
        key = jwk.generate()
        both = [vault.seal(key, bound_to=BOUND_TO), first_form(key)]
        change_key(settings)

        assert [vault.unseal(sealed, bound_to=BOUND_TO) for sealed in both] == [key, key]

    def test_stays_shut_once_the_previous_one_is_gone(self, settings: Any) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)
        change_key(settings)
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = None

        with pytest.raises(vault.CannotOpen, match="KEY_ENCRYPTION_KEY does not open"):
            vault.unseal(sealed, bound_to=BOUND_TO)

    @pytest.mark.parametrize("depth", ["wrap", "private key"])
    def test_shows_no_secret_in_the_locals_of_its_failures(self, depth: str, settings: Any) -> None:
        """Django's debug page, Sentry and the like print every frame's locals."""
        key = jwk.generate()
        sealed = vault.seal(key, bound_to=BOUND_TO)
        settings.KEY_ENCRYPTION_KEY = kek = os.urandom(32)
        if depth == "private key":
            sealed = vault.seal(key, bound_to=BOUND_TO)[:-1] + b"!"
        with pytest.raises(vault.CannotOpen) as raised:
            vault.unseal(sealed, bound_to=BOUND_TO)

        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        frames = [frame for frame in shown.stack if frame.filename == vault.__file__]
        texts = [text for frame in frames for text in (frame.locals or {}).values()]
        assert any(text == "<32 secret bytes>" for text in texts)
        assert not [text for text in texts if repr(kek) in text or kek.hex() in text]


class TestSeal:
    def test_never_gives_the_same_bytes_twice(self) -> None:
        key = jwk.generate()

        assert vault.seal(key, bound_to=BOUND_TO) != vault.seal(key, bound_to=BOUND_TO)

    def test_seals_under_the_present_key_encryption_key(self, settings: Any) -> None:
        change_key(settings)
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = None

        assert vault.unseal(sealed, bound_to=BOUND_TO)


class TestRewrap:
    def test_moves_a_key_under_the_present_key_encryption_key(self, settings: Any) -> None:
        key = jwk.generate()
        sealed = vault.seal(key, bound_to=BOUND_TO)
        change_key(settings)
        moved = vault.rewrap(sealed, bound_to=BOUND_TO)
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = None

        assert vault.unseal(moved, bound_to=BOUND_TO) == key

    def test_changes_the_wrap_and_nothing_behind_it(self, settings: Any) -> None:
        key = jwk.generate()
        sealed, old = vault.seal(key, bound_to=BOUND_TO), first_form(key)
        change_key(settings)

        assert vault.rewrap(sealed, bound_to=BOUND_TO)[1 + 8 + 60 :] == sealed[1 + 8 + 60 :]
        assert vault.rewrap(old, bound_to=BOUND_TO)[1 + 8 + 60 :] == old[1 + 60 :]

    def test_never_decrypts_the_private_key(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)
        change_key(settings)
        lengths = []
        decrypt = AESGCM.decrypt

        class Watched:
            def __init__(self, key: bytes) -> None:
                self.cipher = AESGCM(key)

            def decrypt(self, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
                lengths.append(len(data))
                return decrypt(self.cipher, nonce, data, bound_to)

            def encrypt(self, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
                return self.cipher.encrypt(nonce, data, bound_to)

        monkeypatch.setattr(vault, "AESGCM", Watched)
        vault.rewrap(sealed, bound_to=BOUND_TO)

        assert lengths == [32 + 16]

    @pytest.mark.parametrize("sealed", [None, b"", b"\x01", b"\x03" + bytes(200)])
    def test_refuses_what_is_no_sealed_key(self, sealed: bytes | None) -> None:
        with pytest.raises(vault.CannotOpen):
            vault.rewrap(sealed, bound_to=BOUND_TO)


class TestIsUnderPresentKey:
    def test_says_which_key_encryption_key_wrapped_it(self, settings: Any) -> None:
        sealed = vault.seal(jwk.generate(), bound_to=BOUND_TO)
        assert vault.is_under_present_key(sealed)
        change_key(settings)

        assert not vault.is_under_present_key(sealed)
        assert vault.is_under_present_key(vault.rewrap(sealed, bound_to=BOUND_TO))

    def test_does_not_know_it_of_the_first_form(self) -> None:
        assert not vault.is_under_present_key(first_form(jwk.generate()))


class TestDump:
    def test_does_not_contain_the_private_key(
        self, platform_key: SigningKey, capsys: pytest.CaptureFixture[str]
    ) -> None:
        private = vault.unseal(platform_key.sealed_private, bound_to=platform_key.bound_to)
        number = private.key.private_numbers().private_value
        scalar = number.to_bytes(32, "big")
        secrets = [scalar, jwk.private_bytes(private)]
        spelled = {str(number), json.loads(private.json_dumps())["d"]}
        for secret in secrets:
            spelled |= {secret.hex(), base64.b64encode(secret).decode()}

        call_command("dumpdata", "signing")
        dump = capsys.readouterr().out
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM signing_signingkey")
            columns = [
                bytes(column) if isinstance(column, bytes | memoryview) else str(column).encode()
                for row in cursor.fetchall()
                for column in row
            ]

        assert platform_key.thumbprint in dump
        assert platform_key.thumbprint.encode() in columns
        assert not [text for text in spelled if text in dump]
        assert not [s for s in (*secrets, *map(str.encode, spelled)) if s in b"\x00".join(columns)]
