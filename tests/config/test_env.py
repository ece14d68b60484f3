"""Readers of the environment: typed, and they name the variable that is wrong."""

import base64
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import (
    env_bool,
    env_int,
    env_key,
    env_list,
    env_networks,
    env_secret,
    env_str,
    make_key,
)

NAME = "CERTIFICATION_TEST_VALUE"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


class TestEnvStr:
    def test_returns_what_is_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, "given")
        assert env_str(NAME, "default") == "given"

    def test_takes_an_empty_value_for_unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, "")
        assert env_str(NAME, "default") == "default"

    def test_reads_a_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("from a file\n")
        monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
        assert env_str(NAME) == "from a file"

    def test_names_a_file_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(f"{NAME}_FILE", "/nowhere")
        with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE='/nowhere'"):
            env_str(NAME)

    def test_names_a_variable_that_is_needed(self) -> None:
        with pytest.raises(ImproperlyConfigured, match=NAME):
            env_str(NAME)


class TestEnvBool:
    @pytest.mark.parametrize(
        ("text", "value"), [("1", True), ("TRUE", True), ("on", True), ("no", False), ("0", False)]
    )
    def test_reads_the_usual_words(
        self, monkeypatch: pytest.MonkeyPatch, text: str, value: bool
    ) -> None:
        monkeypatch.setenv(NAME, text)
        assert env_bool(NAME, default=not value) is value

    def test_refuses_a_guess(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, "maybe")
        with pytest.raises(ImproperlyConfigured, match=f"{NAME}='maybe'"):
            env_bool(NAME, default=True)


class TestEnvInt:
    @pytest.mark.parametrize("text", ["ten", "1.5", "-1"])
    def test_refuses_what_is_no_count(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv(NAME, text)
        with pytest.raises(ImproperlyConfigured, match=NAME):
            env_int(NAME, 0)

    def test_names_a_number_above_the_maximum(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, "101")
        with pytest.raises(ImproperlyConfigured, match=f"{NAME}=101 is above the maximum of 100"):
            env_int(NAME, 0, maximum=100)


class TestEnvList:
    def test_drops_blanks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, " a, ,b,")
        assert env_list(NAME, []) == ["a", "b"]


class TestEnvNetworks:
    def test_reads_addresses_and_networks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(NAME, "10.0.0.0/8, 127.0.0.1,::1")
        assert list(map(str, env_networks(NAME))) == ["10.0.0.0/8", "127.0.0.1/32", "::1/128"]

    @pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/64"])
    def test_names_the_variable_of_what_is_none(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.setenv(NAME, text)
        with pytest.raises(ImproperlyConfigured, match=NAME):
            env_networks(NAME)


class TestEnvKey:
    def test_takes_the_keys_we_make(self) -> None:
        assert len(env_key(NAME, make_key())) == 32

    @pytest.mark.parametrize("text", ["no base64!", base64.b64encode(b"k" * 31).decode()])
    def test_refuses_anything_but_32_bytes_of_base64(self, text: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=NAME):
            env_key(NAME, text)


class TestEnvSecret:
    def test_makes_a_secret_once_for_its_owner_only(self, tmp_path: Path) -> None:
        first = env_secret(NAME, kept_in=tmp_path)
        assert len(first) >= 32
        assert env_secret(NAME, kept_in=tmp_path) == first
        assert stat.S_IMODE((tmp_path / NAME.lower()).stat().st_mode) == 0o600

    def test_prefers_what_is_given(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv(NAME, "given")
        assert env_secret(NAME, kept_in=tmp_path) == "given"
        assert list(tmp_path.iterdir()) == []
