"""Other people's tools. Runs with `make interop`, not with the suite."""

from pathlib import Path

import pytest

from tests.service import Service

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is here, and skip it unless it was asked for."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
            if "interop" not in config.getoption("markexpr"):
                item.add_marker(pytest.mark.skip(reason="runs with `make interop`"))


@pytest.fixture(scope="session")
def demo_service(demo_service: Service) -> Service:
    """Return a service whose key sets are cached for a second, so that a key waits for two."""
    demo_service.variables["JWKS_MAX_AGE"] = "1"
    return demo_service
