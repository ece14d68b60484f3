"""Keeps the store true: a thread that notices within a second what changed, on any host.

On this host the shared generation tells it; for the others it asks the database twice a second
what is published, and which certificates were withdrawn or shared otherwise.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from certificates import queries
from config.front.copies import Copy, Damaged, Document
from config.front.generation import VERDICTS, Generation, slot
from config.front.store import Entry, Store
from signing import publication

POLL_SECONDS = 0.5
# What no mark and no signal told: a row changed by hand, say.
RELOAD_SECONDS = 60.0
# Nobody was asked for this long: the database is away, or does not answer.
AWAY_SECONDS = 2.0
# How far back changes are looked for: longer than a transaction takes and clocks differ.
REMEMBERED = timedelta(minutes=5)
# More at once than this are not looked up one by one.
MANY = 500
KEEP_AGAIN_SECONDS = 5.0
# A worker serves no older copy while the database answers at once; it waits no longer than this.
FIRST_SECONDS = 2.0

_log = structlog.get_logger("front")


class Watcher:
    """Reads what is published into the store, and keeps a copy of it on disk."""

    def __init__(
        self,
        *,
        store: Store,
        generation: Generation,
        copy: Copy,
        prepare: Callable[[Document], Entry],
    ) -> None:
        self._store = store
        self._generation = generation
        self._copy = copy
        self._prepare = prepare
        self._wake = threading.Event()
        self._tried = threading.Event()
        self._mark: object = None
        self._reload_at = 0.0
        self._keep_at: float | None = None  # when to try to write the copy again
        self._well = True
        self._kept = True
        self._asked_at = float("-inf")
        self._changes: queries.Changes | None = None
        self.wake = self._wake.set

    def start(self) -> None:
        """Load the copy, begin to watch, and return once the database was asked or is slow."""
        self.load()
        threading.Thread(target=self._watch, name="front-watcher", daemon=True).start()
        self._tried.wait(FIRST_SECONDS)

    def load(self) -> None:
        """Take the copy on disk, so that this process answers even without a database."""
        try:
            documents = self._copy.load()
        except (Damaged, OSError, ValueError, TypeError, KeyError, IndexError) as error:
            _log.warning("front.copy_ignored", error=str(error))
            return
        self._store.replace(map(self._prepare, documents), generation=-1)

    def is_away(self, monotonic: float) -> bool:
        """Say whether the database has not answered lately."""
        return monotonic - self._asked_at > AWAY_SECONDS

    def look(self, *, monotonic: float, now: datetime) -> bool:
        """Reload if anything changed; return False while the database cannot be asked."""
        try:
            self._see_changes(now)
            # Before the rows: what changes in between shows as a difference at the next look.
            generation, mark = self._generation.counters[0], publication.mark()
            if (
                mark != self._mark
                or generation != self._store.generation
                or monotonic >= self._reload_at
                or (self._keep_at is not None and monotonic >= self._keep_at)
            ):
                self._reload(generation, monotonic=monotonic)
                if mark != self._mark:
                    self._generation.bump(VERDICTS)  # what a key says of what it signed
                self._mark, self._reload_at = mark, monotonic + RELOAD_SECONDS
        except (DatabaseError, InterfaceError) as error:
            if self._well:
                _log.warning("front.database_away", error=type(error).__name__)
            self._well = False
            return False
        if not self._well:
            _log.info("front.database_back")
        self._well = True
        self._asked_at = monotonic
        return True

    def _see_changes(self, now: datetime) -> None:
        """Let what was withdrawn or hidden lately, on any host, be looked up anew."""
        changes = queries.changes(since=now - REMEMBERED)
        if changes == self._changes:
            return
        tokens = queries.changed_tokens(since=now - REMEMBERED, limit=MANY)
        if len(tokens) < MANY:
            for counter in set(map(slot, tokens)):
                self._generation.bump(counter)
        else:
            self._generation.bump(VERDICTS)
        self._changes = changes

    def _reload(self, generation: int, *, monotonic: float) -> None:
        with self._copy.turn() as ours:
            documents = list(documents_of(publication.everything()))
            self._store.replace(map(self._prepare, documents), generation=generation)
            kept = ours and self._keep(documents)
        self._keep_at = None if kept else monotonic + KEEP_AGAIN_SECONDS

    def _keep(self, documents: list[Document]) -> bool:
        try:
            self._copy.save(documents)
        except OSError as error:
            if self._kept:
                _log.warning("front.copy_not_kept", error=str(error))
            self._kept = False
            return False
        self._kept = True
        return True

    def _watch(self) -> None:
        while True:
            answered = False
            try:
                close_old_connections()
                now = datetime.now(UTC)  # noqa: TID251 - the thread is an interface
                answered = self.look(monotonic=time.monotonic(), now=now)
            except Exception as error:  # noqa: BLE001 - what is held is served; the next look may do
                _log.exception("front.look_failed", error=type(error).__name__)
            self._tried.set()
            if answered:
                self._wake.wait(POLL_SECONDS)
            else:
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
                time.sleep(POLL_SECONDS)  # every hit may wake us now, which would be no pause
            self._wake.clear()


def documents_of(published: Iterable[publication.Published]) -> Iterable[Document]:
    """Translate what signing publishes into what the front keeps."""
    for one in published:
        yield Document(
            path=one.path,
            endpoint=one.name,
            route=publication.ROUTES[one.name],
            content_type=one.document.content_type,
            body=one.document.body,
        )
