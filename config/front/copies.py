"""The last good documents on disk: written whole or not at all, believed only when unaltered."""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from signing import whole_files


class Damaged(Exception):
    """The copy is torn or altered."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is published under a path."""

    path: str
    endpoint: str
    route: str
    content_type: str
    body: bytes


class Copy:
    """One file in a folder: a line with the SHA-256 of the rest, then the documents as JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "keys.json"

    def load(self) -> list[Document]:
        """Return the documents; none were kept: an empty list. Raises Damaged and OSError."""
        try:
            kept = self._file.read_bytes()
        except FileNotFoundError:
            return []
        digest, _, content = kept.partition(b"\n")
        if digest != _digest(content):
            raise Damaged(f"{self._file} does not match its checksum")
        bodies, documents = json.loads(content)
        unpacked = [base64.b64decode(body) for body in bodies]
        return [Document(**{**members, "body": unpacked[members["body"]]}) for members in documents]

    def save(self, documents: Sequence[Document]) -> None:
        """Keep the documents in place of the former ones, which stay if this fails (OSError)."""
        places: dict[bytes, int] = {}  # most tenants publish the platform's key set: kept once
        rows = [
            {**asdict(document), "body": places.setdefault(document.body, len(places))}
            for document in documents
        ]
        bodies = [base64.b64encode(body).decode("ascii") for body in places]
        content = json.dumps([bodies, rows], separators=(",", ":")).encode()
        digest = _digest(content)
        if not self._holds(digest):
            whole_files.replace(self._file, digest + b"\n" + content)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Say whether it is this process's turn to read what is published, and to keep it.

        Who reads later keeps later: a slow process never puts back what has changed since.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield False
            return
        try:
            yield _locked(lock)
        finally:
            os.close(lock)

    def _holds(self, digest: bytes) -> bool:
        try:
            with self._file.open("rb") as file:
                return file.readline().rstrip(b"\n") == digest
        except OSError:
            return False


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode("ascii")
