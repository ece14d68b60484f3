"""Changing the key encryption key, step by step as docs/journeys/key-custody.md tells it."""

import base64
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.journeys.test_completion_to_certificate import Platform
from tests.processes import wait_until
from tests.service import Service


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[Service]:
    """Yield a service that made its key encryption key itself."""
    service = Service(tmp_path, {"DATABASE_URL": database_url} if database_url else {})
    service.manage("migrate", "--verbosity=0")
    yield service
    service.kill()


def issue(platform: Platform, event_id: str) -> str:
    """Report a completion, wait until it is signed, and return where it is verified."""
    accepted = platform.service.request(
        "POST",
        "/api/v1/completions",
        headers=platform.headers,
        body={
            "event_id": event_id,
            "recipient": {"id": event_id, "name": "Ada Lovelace"},
            "course": {"version_id": platform.version},
            "completed_at": "2026-02-27T09:00:00+01:00",
        },
    ).json()
    address: str = accepted["verify_url"]
    wait_until(partial(is_in_force, platform, address), what="it is signed")
    return address


def is_in_force(platform: Platform, verify_url: str) -> bool:
    """Say whether a certificate verifies."""
    return platform.verdict(verify_url).get("in_force") is True


class TestChangingIt:
    def test_costs_no_certificate_and_no_key(self, service: Service) -> None:
        platform = Platform(service)
        service.variables |= {
            "KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "KEY_ENCRYPTION_KEY_PREVIOUS_FILE": f"{service.folder}/secrets/key_encryption_key",
        }
        check = ("check", "--database", "default", "--fail-level", "WARNING")
        with pytest.raises(RuntimeError, match="1 keys are not under KEY_ENCRYPTION_KEY yet"):
            service.manage(*check)
        service.start()
        before = issue(platform, "before")

        assert service.manage("rewrap_keys").splitlines() == [
            "1 re-wrapped, 1 of 1 sealed keys are under KEY_ENCRYPTION_KEY.",
            "KEY_ENCRYPTION_KEY_PREVIOUS may be removed.",
        ]
        after = issue(platform, "after")
        assert is_in_force(platform, before)
        assert is_in_force(platform, after)
        del service.variables["KEY_ENCRYPTION_KEY_PREVIOUS_FILE"]
        service.manage(*check)  # opens every key that signs, with the present one alone
