"""A tenant that issues, and time enough for a slow machine to answer itself."""

import pytest

from domains import dns_lookup, fetching
from tests.factories.registry import registry

__all__ = ["registry"]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a minute where the service waits seconds."""
    monkeypatch.setattr(fetching, "_SECONDS", 60.0)
    monkeypatch.setattr(dns_lookup, "_SECONDS", 60.0)
