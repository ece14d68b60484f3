"""System checks name the variable that is wrong."""

import secrets

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from config.checks import check_base_url, check_database_role, check_secrets


def _ids(messages: list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in messages]


class TestCheckBaseUrl:
    @pytest.mark.parametrize(
        ("base_url", "ids"),
        [
            ("https://certificates.example.org", []),
            ("http://localhost:8000", []),
            ("http://[::1]:8000", []),
            ("certificates.example.org", ["config.E001"]),
            ("ftp://certificates.example.org", ["config.E001"]),
            ("https://certificates.example.org/", ["config.E002"]),
            ("https://certificates.example.org/certificates", ["config.E002"]),
            ("https://someone@certificates.example.org", ["config.E002"]),
            ("https://elsewhere.example.org", ["config.E003"]),
        ],
    )
    def test_takes_an_allowed_origin_only(
        self, settings: Settings, base_url: str, ids: list[str]
    ) -> None:
        settings.BASE_URL = base_url
        settings.ALLOWED_HOSTS = ["certificates.example.org", "localhost", "[::1]"]
        assert _ids(check_base_url()) == ids

    def test_stops_the_start(self, settings: Settings) -> None:
        settings.BASE_URL = "certificates.example.org"
        with pytest.raises(SystemCheckError, match="BASE_URL"):
            call_command("check")


class TestCheckSecrets:
    def test_embedded_secrets_are_made_not_chosen(self) -> None:
        assert check_secrets() == []

    def test_production_refuses_secrets_that_can_be_guessed(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        settings.KEY_ENCRYPTION_KEY = b"k" * 32
        settings.SECRET_KEY = "short"
        settings.TOKEN_PEPPER = "short"
        messages = check_secrets()
        assert _ids(messages) == ["config.E004", "config.E005", "config.E005"]
        assert [str(message.msg).split()[0] for message in messages] == [
            "KEY_ENCRYPTION_KEY",
            "SECRET_KEY",
            "TOKEN_PEPPER",
        ]

    def test_production_takes_random_ones(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        settings.KEY_ENCRYPTION_KEY = secrets.token_bytes(32)
        settings.SECRET_KEY = settings.TOKEN_PEPPER = "x" * 48
        assert check_secrets() == []


class TestCheckDatabaseRole:
    def test_is_silent_where_no_database_was_named(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        assert check_database_role(databases=None) == []

    def test_the_embedded_service_owns_its_database(self, db: None) -> None:
        assert run_checks(databases=["default"]) == []

    def test_production_refuses_sqlite(self, settings: Settings, db: None) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("needs SQLite")
        settings.EMBEDDED = False
        assert _ids(check_database_role(databases=["default"])) == ["config.E006"]

    @pytest.mark.usefixtures("postgresql")
    def test_production_warns_of_a_superuser(self, settings: Settings) -> None:
        settings.EMBEDDED = False
        assert _ids(check_database_role(databases=["default"])) == ["config.W007"]
