"""Numbers in shared memory that all processes of a host see grow when an answer may have changed.

The file is mapped, so reading is no system call. It is one page: the first counter is of published
keys, the second of all verdicts, and each verdict has one of the others, shared with many.
"""

import fcntl
import mmap
import os
import threading
from pathlib import Path
from typing import Self
from zlib import crc32

_BYTES = mmap.PAGESIZE
KEYS, VERDICTS = 0, 1
_FIRST = 2
_SLOTS = _BYTES // 8 - _FIRST

Seen = tuple[int, int, int]


class Generation:
    """The counters: `counters[KEYS]` is the present generation of keys, read by one look."""

    def __init__(self, memory: mmap.mmap, file: int | None = None) -> None:
        self.counters = memoryview(memory).cast("Q")
        self._file = file
        self._lock = threading.Lock()  # between threads; between processes the file's

    @classmethod
    def shared(cls, folder: Path) -> Self:
        """Return the counters of this folder, made when they are not there; OSError: they cannot.

        The page is given its place on the disk at once: writing into a mapped hole of a full
        disk would kill the process.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / "generation", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, _BYTES)
            return cls(mmap.mmap(file, _BYTES), file)
        except OSError:
            os.close(file)
            raise

    @classmethod
    def private(cls) -> Self:
        """Return counters of this process alone, for a folder that cannot be written."""
        return cls(mmap.mmap(-1, _BYTES))

    def bump(self, counter: int = KEYS) -> None:
        """Begin the next generation of a counter; two processes at once begin two."""
        with self._lock:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                self.counters[counter] += 1
            finally:
                if self._file is not None:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def seen(self, slot: int) -> Seen:
        """Return all that a verdict hangs on: equal later means that nothing changed since."""
        counters = self.counters
        return counters[KEYS], counters[VERDICTS], counters[slot]


def slot(token: str) -> int:
    """Return the counter of a token (without hyphens); a neighbour's change costs one look more."""
    return _FIRST + crc32(token.encode()) % _SLOTS
