"""Embedded settings start with nothing; production settings refuse to."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import production

Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Return a function that runs a settings module with the variables it is given, no others."""

    def run(name: str, **variables: str) -> dict[str, Any]:
        for variable in production.environment():
            monkeypatch.delenv(variable, raising=False)
        for variable, value in (variables | {"DATA_DIR": str(tmp_path)}).items():
            monkeypatch.setenv(variable, value)
        # Run, not imported, and on a fresh base: the settings of this test run stay as they are.
        monkeypatch.delitem(sys.modules, "config.settings.base", raising=False)
        return runpy.run_module(f"config.settings.{name}")

    return run


class TestEmbedded:
    def test_starts_with_nothing_set(self, load: Load, tmp_path: Path) -> None:
        settings = load("embedded")
        assert settings["EMBEDDED"]
        assert not settings["DEBUG"]
        assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "db.sqlite3")
        assert settings["BASE_URL"] == "http://localhost:8000"

    def test_keeps_its_secrets_and_everything_else_under_its_folder(
        self, load: Load, tmp_path: Path
    ) -> None:
        names = ("SECRET_KEY", "KEY_ENCRYPTION_KEY", "TOKEN_PEPPER", "METRICS_TOKEN")
        first, second = load("embedded"), load("embedded")
        assert [first[name] for name in names] == [second[name] for name in names]
        assert len({str(first[name]) for name in names}) == 4
        for name in ("MEDIA_ROOT", "LOG_FILE"):
            assert Path(first[name]).is_relative_to(tmp_path)

    def test_follows_the_port(self, load: Load) -> None:
        assert load("embedded", PORT="9000")["BASE_URL"] == "http://localhost:9000"

    def test_takes_postgresql(self, load: Load) -> None:
        database = load("embedded", DATABASE_URL="postgresql://someone@db/x")["DATABASES"]
        assert database["default"]["ENGINE"] == "django.db.backends.postgresql"

    @pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "postgresql//x"])
    def test_refuses_other_databases(self, load: Load, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
            load("embedded", DATABASE_URL=url)

    def test_cookies_are_secure_where_the_origin_is(self, load: Load) -> None:
        assert load("embedded", BASE_URL="https://x.example")["SESSION_COOKIE_SECURE"]
        assert not load("embedded")["SESSION_COOKIE_SECURE"]


class TestProduction:
    def test_starts_with_what_it_needs(self, load: Load) -> None:
        settings = load("production", **_needed())
        assert not settings["EMBEDDED"]
        assert settings["ALLOWED_HOSTS"] == ["certificates.example.org"]
        assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
        assert settings["SECURE_HSTS_SECONDS"]

    @pytest.mark.parametrize(
        "missing", ["SECRET_KEY", "BASE_URL", "DATABASE_URL", "KEY_ENCRYPTION_KEY", "TOKEN_PEPPER"]
    )
    def test_refuses_to_start_without(self, load: Load, missing: str) -> None:
        variables = _needed()
        del variables[missing]
        with pytest.raises(ImproperlyConfigured, match=missing):
            load("production", **variables)


def _needed() -> dict[str, str]:
    return production.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
