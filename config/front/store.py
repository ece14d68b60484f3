"""Finished answers by path, replaced all at once: nobody sees half of a change."""

from collections.abc import Iterable
from dataclasses import dataclass

from observability.batches import Kind

Headers = list[tuple[str, str]]
# By method: what the log and the metrics call the document, and "you have it already".
Kinds = dict[str, tuple[Kind, Kind]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One document with everything that answering it needs, prepared in advance."""

    path: str
    etag: str
    body: bytes
    found: Headers
    unchanged: Headers
    kinds: Kinds


class Store:
    """What this process answers from memory, and the generation of keys it was made under."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.generation = -1

    def replace(self, entries: Iterable[Entry], *, generation: int) -> None:
        """Take these entries in place of all others."""
        self.entries = {entry.path: entry for entry in entries}
        self.generation = generation
