"""The store follows what is published, and keeps the last good documents when it cannot."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from config.front import assembly
from config.front.copies import Copy
from config.front.generation import Generation
from config.front.store import Store
from config.front.watching import KEEP_AGAIN_SECONDS, POLL_SECONDS, RELOAD_SECONDS, Watcher
from signing import publication
from signing.models import SigningKey
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

JWKS = "/.well-known/jwks.json"


class World:
    """One web worker's view of a folder, on a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.generation = Generation.shared(folder)
        self.copy = Copy(folder / "published")
        self.watcher = Watcher(
            store=self.store,
            generation=self.generation,
            copy=self.copy,
            prepare=assembly.prepare,
        )
        self.monotonic = 0.0
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def look(self, *, after: float = 0.0) -> bool:
        self.monotonic += after
        return self.watcher.look(monotonic=self.monotonic, now=self.now)

    def publishes(self, key: SigningKey) -> bool:
        listed = key.thumbprint.encode() in self.store.entries[JWKS].body
        assert listed == (f"/keys/{key.thumbprint}" in self.store.entries)
        return listed


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def key(now: datetime) -> SigningKey:
    return SigningKey.objects.get(tenant=None, state=SigningKey.State.ACTIVE)


def lose(key: SigningKey, now: datetime) -> None:
    """Mark a key compromised, as a process on another host would: without a word to this one."""
    SigningKey.objects.filter(pk=key.pk).update(
        state=SigningKey.State.COMPROMISED, compromised_at=now
    )


@contextmanager
def database_away() -> Iterator[None]:
    def away(*_: object) -> None:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        yield


@contextmanager
def disk_full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        yield


class TestLook:
    def test_loads_everything_that_is_published(self, world: World, key: SigningKey) -> None:
        assert world.look()
        assert world.publishes(key)

    def test_costs_five_queries_while_nothing_changes(
        self, world: World, key: SigningKey, django_assert_num_queries: Any
    ) -> None:
        world.look()
        with django_assert_num_queries(5):
            world.look(after=POLL_SECONDS)

    def test_notices_a_change_of_another_host(
        self, world: World, key: SigningKey, now: datetime
    ) -> None:
        world.look()
        lose(key, now)
        world.look(after=POLL_SECONDS)
        assert not world.publishes(key)
        assert POLL_SECONDS <= 0.5, "with the reload itself, within one second"

    def test_notices_a_change_that_only_the_generation_tells(
        self, world: World, key: SigningKey, now: datetime
    ) -> None:
        world.look()
        Tenant.objects.create(slug="harbour", name="Harbour", created_at=now)
        world.watcher._mark = publication.mark()
        world.generation.bump()
        world.look()
        assert "/tenants/harbour/jwks.json" in world.store.entries
        assert world.store.generation == world.generation.counters[0]

    def test_reloads_now_and_then_whatever_it_was_told(
        self, world: World, key: SigningKey, settings: Any
    ) -> None:
        world.look()
        settings.BASE_URL = "https://moved.example"
        world.look(after=RELOAD_SECONDS - 1)
        assert b"moved.example" not in world.store.entries[JWKS].body
        world.look(after=2)
        assert b"moved.example" in world.store.entries[JWKS].body

    def test_keeps_the_last_good_documents_without_a_database(
        self, world: World, key: SigningKey
    ) -> None:
        world.look()
        with database_away(), capture_logs() as logs:
            for _ in range(3):
                assert not world.look(after=RELOAD_SECONDS)
        assert world.publishes(key)
        assert [line["event"] for line in logs] == ["front.database_away"]

    def test_catches_up_when_the_database_is_back(
        self, world: World, key: SigningKey, now: datetime
    ) -> None:
        world.look()
        with database_away():
            world.look(after=POLL_SECONDS)
        lose(key, now)
        with capture_logs() as logs:
            assert world.look(after=POLL_SECONDS)
        assert not world.publishes(key)
        assert [line["event"] for line in logs] == ["front.database_back"]


class TestCopy:
    def test_answers_for_a_process_that_starts_without_a_database(
        self, world: World, key: SigningKey, tmp_path: Path
    ) -> None:
        world.look()
        other = World(tmp_path)
        with database_away():
            other.watcher.load()
            assert not other.look()
        assert other.store.entries == world.store.entries

    @pytest.mark.parametrize("damage", [lambda kept: kept[:-1], lambda kept: b"[]"], ids=range(2))
    def test_is_ignored_with_a_warning_when_damaged(
        self, world: World, key: SigningKey, damage: Callable[[bytes], bytes]
    ) -> None:
        world.look()
        file = world.copy._file
        file.write_bytes(damage(file.read_bytes()))
        world.store.replace([], generation=0)
        with capture_logs() as logs:
            world.watcher.load()
        assert world.store.entries == {}
        assert [line["event"] for line in logs] == ["front.copy_ignored"]

    def test_follows_what_is_published(
        self, world: World, key: SigningKey, now: datetime, tmp_path: Path
    ) -> None:
        world.look()
        lose(key, now)
        world.look(after=POLL_SECONDS)
        other = World(tmp_path)
        other.watcher.load()
        assert not other.publishes(key)

    def test_that_cannot_be_written_is_told_once_and_written_later(
        self, world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with disk_full(monkeypatch), capture_logs() as logs:
            for _ in range(3):
                assert world.look(after=KEEP_AGAIN_SECONDS)
        assert world.publishes(key)
        assert [line["event"] for line in logs] == ["front.copy_not_kept"]
        assert world.copy.load() == []
        world.look(after=KEEP_AGAIN_SECONDS)
        assert {one.path for one in world.copy.load()} == set(world.store.entries)

    def test_is_left_to_the_process_that_is_writing_it(self, world: World, key: SigningKey) -> None:
        with world.copy.turn():
            world.look()
        assert world.publishes(key)
        assert world.copy.load() == []
        world.look(after=KEEP_AGAIN_SECONDS)
        assert world.copy.load() != []


class TestReadiness:
    def test_wants_a_document(self, key: SigningKey, world: World) -> None:
        with pytest.raises(RuntimeError, match="no key document"):
            assembly._something_is_published(world.store)
        world.look()
        assembly._something_is_published(world.store)
