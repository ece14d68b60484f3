"""How long a failed message rests."""

from datetime import timedelta

import pytest

from outbox import policy


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (7, 128), (8, 256), (9, 300), (60, 300)]
)
def test_wait_after_doubles_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert policy.wait_after(attempts=attempts) == timedelta(seconds=seconds)
