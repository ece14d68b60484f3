"""How a child answers: with what it found, or with why it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from verification.refusals import Refused

GIVEN = "given"

Facts = dict[str, Any]
Served = Callable[[Facts, Path], tuple[Facts, bytes]]


def served(unpack: Callable[[bytes], Facts]) -> Served:
    """Return a function the sandbox calls, from one that takes the file's bytes."""

    def serve(_request: Facts, folder: Path) -> tuple[Facts, bytes]:
        return answered(lambda: unpack((folder / GIVEN).read_bytes()))

    return serve


def answered(work: Callable[[], Facts]) -> tuple[Facts, bytes]:
    """Return what work comes to, or `{"refused"}`."""
    try:
        return work(), b""
    except Refused as refusal:
        return {"refused": refusal.why.value}, b""
