"""The embedded service's one file is copied while eight writers write, and holds what it must."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.processes import wait_until
from tests.reliability.platform import Platform
from tests.service import Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
COPIES, WRITERS = (40, 8) if LONG else (3, 8)
PERIOD_SECONDS = 0.05


def backup(database: Path, copy: Path) -> None:
    """Copy as docs/backup.md says."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def copy_files(database: Path, copy: Path) -> None:
    """Copy the file and its log as they lie on the disk, with writers held off meanwhile."""
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        for ending in ("", "-wal"):
            shutil.copyfile(f"{database}{ending}", f"{copy}{ending}")
        writer.execute("ROLLBACK")


def after_a_power_cut(database: Path, copy: Path) -> None:
    """Copy the file and its log when nobody is left to close them."""
    for ending in ("", "-wal"):
        shutil.copyfile(f"{database}{ending}", f"{copy}{ending}")


@pytest.fixture
def service(migrated: Path, tmp_path: Path) -> Service:
    """Return the service on its own file, whichever database this run has."""
    return Service(shutil.copytree(migrated, tmp_path / "service"))


class TestCopiesUnderLoad:
    def test_are_whole_and_miss_nothing_acknowledged(
        self, service: Service, tmp_path: Path, told: Callable[[Tally], Tally]
    ) -> None:
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        platform = Platform(service, **made, writers=WRITERS, period=PERIOD_SECONDS)
        database = service.folder / "db.sqlite3"
        service.start()
        try:
            with platform:
                for number in range(COPIES):
                    way = (backup, copy_files)[number % 2]
                    check(platform, way, database, tmp_path / f"copy-{number}.sqlite3")
                enough = len(platform.acknowledged) + WRITERS
                wait_until(partial(took, platform, enough), what="writers go on")
                service.kill()
                check(platform, after_a_power_cut, database, tmp_path / "cut.sqlite3")
                service.start()
            found: dict[str, Any] = {}

            def all_issued() -> bool:
                found.update(json.loads(service.run("-m", "tests.reliability.world", "inspect")))
                return all(found["certificates_by_event"].values())

            wait_until(all_issued, what="every certificate is issued", seconds=300)
        finally:
            service.kill()
        tally = told(platform.tally(found["certificates_by_event"]))
        assert (tally.lost, tally.duplicate, found["integrity"]) == (0, 0, "ok")
        assert platform.refused == []
        assert not [one for one in platform.put_off if b"locked" in one.body]
        assert "database is locked" not in (service.folder / "service.log").read_text()


def check(
    platform: Platform, way: Callable[[Path, Path], None], database: Path, copy: Path
) -> None:
    """Copy while the writers write; the copy is whole and holds what was acknowledged before."""
    least = len(platform.acknowledged) + 2 * WRITERS
    if way is not after_a_power_cut:
        wait_until(partial(took, platform, least), what="completions are acknowledged")
    acknowledged = set(platform.acknowledged)
    way(database, copy)
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copied.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = copied.execute("SELECT event_id FROM certificates_completion").fetchall()
    assert acknowledged <= {event_id for (event_id,) in rows}
    for file in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm")):
        file.unlink(missing_ok=True)


def took(platform: Platform, number: int) -> bool:
    return len(platform.acknowledged) >= number
