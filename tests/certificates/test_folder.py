"""Files in a folder: whole under their names or not there, and nothing left behind for ever."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile

from certificates.folder import Folder

PATH = "artifacts/ab/abc.pdf"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(location=str(tmp_path / "media"))


def read(folder: Folder) -> bytes:
    with folder.open(PATH) as file:
        return bytes(file.read())


def files_of(folder: Folder) -> list[str]:
    return sorted(str(p.relative_to(folder.location)) for p in Path(folder.location).rglob("*.*"))


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """Note in which order the disk is asked."""
    noted: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        noted.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def noted_replace(this: Path, target: Path) -> Path:
        noted.append("rename")
        return replace(this, target)

    with patch.object(os, "fsync", noted_fsync), patch.object(Path, "replace", noted_replace):
        yield noted


class TestSave:
    def test_names_a_file_once_its_bytes_are_on_the_disk(
        self, folder: Folder, calls: list[str]
    ) -> None:
        assert folder.save(PATH, ContentFile(b"whole")) == PATH
        assert read(folder) == b"whole"
        assert calls[-3:] == ["file", "rename", "folder"]
        assert calls[:-3] == ["folder"] * 4  # media, unfinished, artifacts, ab: each is new
        calls.clear()
        folder.save("artifacts/ab/abd.pdf", ContentFile(b"next"))
        assert calls == ["file", "rename", "folder"]

    def test_takes_the_place_of_what_lies_there(self, folder: Folder) -> None:
        folder.save(PATH, ContentFile(b"torn"))
        assert folder.save(PATH, ContentFile(b"whole")) == PATH
        assert read(folder) == b"whole"
        assert files_of(folder) == [PATH]

    def test_leaves_nothing_where_there_is_no_room(self, folder: Folder) -> None:
        full = OSError(errno.ENOSPC, "No space left on device")
        with (
            patch.object(os, "fsync", side_effect=[None] * 4 + [full]),
            pytest.raises(OSError, match="No space"),
        ):
            folder.save(PATH, ContentFile(b"whole"))
        assert not folder.exists(PATH)
        assert files_of(folder) == []

    def test_sweeps_what_killed_writers_left(self, folder: Folder) -> None:
        folder.save(PATH, ContentFile(b"whole"))
        left, growing = (
            Path(folder.path(f"unfinished/.abc.pdf.{name}")) for name in ("left", "growing")
        )
        for draft in (left, growing):
            draft.write_bytes(b"wh")
        long_ago = left.stat().st_mtime - 4000
        os.utime(left, (long_ago, long_ago))
        folder.save("artifacts/ab/abd.pdf", ContentFile(b"next"))
        assert (left.exists(), growing.exists()) == (False, True)

    def test_of_a_process_that_is_killed_leaves_no_torn_file(self, folder: Folder) -> None:
        def killed(*_: Any) -> None:
            os._exit(9)

        child = os.fork()
        if child == 0:  # pragma: no cover - ends without a word
            os.fsync = killed  # type: ignore[assignment] # in this child alone
            try:
                Path(folder.path("artifacts/ab")).mkdir(parents=True)
                Path(folder.path("unfinished")).mkdir()
                folder.save(PATH, ContentFile(b"whole"))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 9
        assert not folder.exists(PATH)
        (draft,) = Path(folder.path("unfinished")).iterdir()
        assert draft.read_bytes() == b"whole"  # written, not yet on the disk: no name for it
