"""Files that are there whole or not at all, whatever stops the process that writes them."""

import os
import tempfile
from pathlib import Path


def replace(
    path: Path, content: bytes, *, mode: int = 0o600, drafts_in: Path | None = None
) -> None:
    """Put a file in place; a reader, and a crash, find the old one or the new one. OSError: old.

    A process that is killed leaves its draft: beside the file, or in the folder `drafts_in` of
    the same file system.
    """
    handle, name = tempfile.mkstemp(dir=drafts_in or path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, that is still there after a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
