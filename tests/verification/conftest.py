"""A tenant that issues, and a buffer in which nothing waits."""

import pytest

from tests.factories.registry import registry
from verification import buffer, bursts

__all__ = ["registry"]


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    buffer.clear()
    bursts.clear()
