from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from signing import custody, rewrapping, vault
from signing.models import SigningKey
from tests.signing.conftest import MakeKey
from tests.signing.test_custody import verifies
from tests.signing.test_vault import change_key

State = SigningKey.State


class TestRewrap:
    def test_moves_every_sealed_key_and_leaves_it_the_same(
        self, platform_key: SigningKey, make_key: MakeKey, settings: Any
    ) -> None:
        keys = [platform_key, make_key(state=State.NEXT), make_key(state=State.VERIFY_ONLY)]
        opened = [vault.unseal(key.sealed_private, bound_to=key.bound_to) for key in keys]
        change_key(settings)

        assert rewrapping.rewrap() == rewrapping.Rewrapped(moved=3, shut=[])

        settings.KEY_ENCRYPTION_KEY_PREVIOUS = None
        for key, before in zip(keys, opened, strict=True):
            key.refresh_from_db()
            assert vault.unseal(key.sealed_private, bound_to=key.bound_to) == before

    def test_leaves_alone_what_is_done(self, platform_key: SigningKey, settings: Any) -> None:
        change_key(settings)
        rewrapping.rewrap()
        platform_key.refresh_from_db()
        sealed = platform_key.sealed_private

        assert rewrapping.rewrap().moved == 0
        platform_key.refresh_from_db()
        assert platform_key.sealed_private == sealed

    def test_goes_on_where_it_was_cut_off(
        self,
        platform_key: SigningKey,
        make_key: MakeKey,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        make_key(state=State.NEXT)
        make_key(state=State.VERIFY_ONLY)
        change_key(settings)
        rewrap = vault.rewrap
        tried = []

        def cut_off_at_the_second(*args: Any, **kwargs: Any) -> bytes:
            tried.append(args)
            if len(tried) == 2:
                raise KeyboardInterrupt
            return rewrap(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(vault, "rewrap", cut_off_at_the_second)
            with pytest.raises(KeyboardInterrupt):
                rewrapping.rewrap()

        assert len(list(rewrapping.not_under_present_key())) == 2
        assert rewrapping.rewrap().moved == 2

    def test_brings_no_key_back_that_is_destroyed_meanwhile(
        self, make_key: MakeKey, settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
    ) -> None:
        key = make_key(state=State.VERIFY_ONLY)
        change_key(settings)
        rewrap = vault.rewrap

        def and_destroyed(sealed: bytes, *, bound_to: bytes) -> bytes:
            SigningKey.objects.filter(pk=key.pk).update(
                sealed_private=None, state=State.DESTROYED, destroyed_at=now
            )
            return rewrap(sealed, bound_to=bound_to)

        monkeypatch.setattr(vault, "rewrap", and_destroyed)
        rewrapping.rewrap()

        key.refresh_from_db()
        assert (key.state, key.sealed_private) == (State.DESTROYED, None)

    def test_passes_over_keys_in_a_token(self, make_key: MakeKey, settings: Any) -> None:
        make_key(state=State.NEXT, custody=SigningKey.Custody.PKCS11, sealed_private=None)
        change_key(settings)

        assert rewrapping.rewrap() == rewrapping.Rewrapped(moved=1, shut=[])


class TestCommand:
    def test_says_that_the_previous_key_may_go(
        self, platform_key: SigningKey, settings: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        change_key(settings)
        call_command("rewrap_keys")

        assert capsys.readouterr().out.splitlines() == [
            "1 re-wrapped, 1 of 1 sealed keys are under KEY_ENCRYPTION_KEY.",
            "KEY_ENCRYPTION_KEY_PREVIOUS may be removed.",
        ]
        settings.KEY_ENCRYPTION_KEY_PREVIOUS = None
        platform_key.refresh_from_db()
        assert verifies(platform_key, custody.opened(platform_key))

    def test_names_what_neither_key_opens(
        self,
        platform_key: SigningKey,
        make_key: MakeKey,
        settings: Any,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        strange = make_key(state=State.VERIFY_ONLY, sealed_private=platform_key.sealed_private)
        change_key(settings)

        with pytest.raises(CommandError, match=f"opens {strange.thumbprint}. Set KEY_ENCRYPTION"):
            call_command("rewrap_keys")
        assert "1 re-wrapped, 1 of 2 sealed" in capsys.readouterr().out

    def test_says_when_a_process_still_seals_under_the_previous_key(
        self, platform_key: SigningKey, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change_key(settings)
        monkeypatch.setattr(rewrapping, "rewrap", lambda: rewrapping.Rewrapped(0, []))

        with pytest.raises(CommandError, match="Restart every process"):
            call_command("rewrap_keys")
