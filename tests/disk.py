"""A small disk of its own for a test, that can be filled to its last byte."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_BYTES = 192 << 20


@dataclass(frozen=True)
class Disk:
    """What it holds lies under `path`."""

    path: Path

    def fill(self) -> None:
        """Leave no byte free."""
        for size in (1 << 16, 1):
            with suppress(OSError), self._filler.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(size))

    def free(self) -> None:
        """Give back what was filled."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.path / "filler"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Yield an empty disk, or skip where this user may not mount one."""
    path = tmp_path / "disk"
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={_BYTES}", "tmpfs", str(path)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("needs a disk that may be filled: only root may mount a tmpfs")
    yield Disk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)
