"""The counter that all processes of a host share."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from config.front import assembly
from config.front.generation import Generation
from signing.models import SigningKey
from signing.signals import keys_changed

BUMP = """
import sys
from pathlib import Path
from config.front.generation import Generation

generation = Generation.shared(Path(sys.argv[1]))
for _ in range(1_000):
    generation.bump()
"""


class TestGeneration:
    def test_is_seen_by_others_of_the_folder(self, tmp_path: Path) -> None:
        one, other = Generation.shared(tmp_path), Generation.shared(tmp_path)
        one.bump()
        assert (one.counters[0], other.counters[0]) == (1, 1)

    def test_outlives_those_who_look(self, tmp_path: Path) -> None:
        Generation.shared(tmp_path).bump()
        assert Generation.shared(tmp_path).counters[0] == 1

    def test_loses_no_step_of_several_processes(self, tmp_path: Path) -> None:
        generation = Generation.shared(tmp_path)
        command = [sys.executable, "-c", BUMP, str(tmp_path)]
        processes = [subprocess.Popen(command) for _ in range(2)]

        def bump() -> None:
            for _ in range(1_000):
                generation.bump()

        threads = [threading.Thread(target=bump) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert [process.wait() for process in processes] == [0, 0]
        for thread in threads:
            thread.join()
        assert generation.counters[0] == 4_000

    def test_has_its_place_on_the_disk_before_it_is_mapped(self, tmp_path: Path) -> None:
        Generation.shared(tmp_path)
        assert (tmp_path / "generation").stat().st_blocks > 0

    def test_cannot_be_shared_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(OSError, match="file"):
            Generation.shared(tmp_path / "file")


class TestAnnounce:
    def test_begins_the_next_one_when_keys_change(self) -> None:
        before = assembly.generation().counters[0]
        keys_changed.send(sender=SigningKey)
        assert assembly.generation().counters[0] == before + 1
