"""The last good copy: whole or not there, and believed only when unaltered."""

import errno
import os
from pathlib import Path

import pytest

from config.front.copies import Copy, Damaged, Document


def document(name: str = "jwks", body: bytes = b'{"keys":[]}') -> Document:
    return Document(f"/{name}.json", name, f"{name}.json", "application/jwk-set+json", body)


DOCUMENTS = [document(), document("other"), document("third", b"\xff\x00")]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "published")


def save(copy: Copy, documents: list[Document]) -> None:
    with copy.turn() as ours:
        assert ours
        copy.save(documents)


class TestCopy:
    def test_gives_back_what_was_kept(self, copy: Copy) -> None:
        save(copy, DOCUMENTS)
        assert copy.load() == DOCUMENTS

    def test_is_empty_before_anything_was_kept(self, copy: Copy) -> None:
        assert copy.load() == []

    def test_keeps_equal_bodies_once(self, copy: Copy) -> None:
        save(copy, [document(str(number), b"x" * 1_000) for number in range(50)])
        assert copy._file.stat().st_size < 10_000

    @pytest.mark.parametrize("place", range(0, 500, 7))
    def test_is_not_believed_when_altered(self, copy: Copy, place: int) -> None:
        save(copy, DOCUMENTS)
        kept = bytearray(copy._file.read_bytes())
        place %= len(kept)
        kept[place] ^= 1
        copy._file.write_bytes(kept)
        with pytest.raises(Damaged):
            copy.load()

    @pytest.mark.parametrize("length", [0, 1, 64, 65, 200, -1])
    def test_is_not_believed_when_torn(self, copy: Copy, length: int) -> None:
        save(copy, DOCUMENTS)
        copy._file.write_bytes(copy._file.read_bytes()[:length])
        with pytest.raises(Damaged):
            copy.load()

    def test_stays_when_the_next_cannot_be_written(
        self, copy: Copy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(copy, DOCUMENTS)

        def full(_file: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"), copy.turn():
            copy.save([document(body=b"new")])
        assert copy.load() == DOCUMENTS
        assert {file.name for file in copy._file.parent.iterdir()} == {"keys.json", "lock"}

    def test_is_not_written_again_when_nothing_changed(self, copy: Copy) -> None:
        save(copy, DOCUMENTS)
        before = copy._file.stat().st_ino
        save(copy, DOCUMENTS)
        assert copy._file.stat().st_ino == before


class TestTurn:
    def test_is_one_process_s_at_a_time(self, copy: Copy) -> None:
        with copy.turn() as ours, copy.turn() as theirs:
            assert (ours, theirs) == (True, False)
        with copy.turn() as ours:
            assert ours

    def test_is_nobody_s_in_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with Copy(tmp_path / "file" / "below").turn() as ours:
            assert not ours
