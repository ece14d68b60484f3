"""The bytes of rendered files: kept under their hash, and given back only as they were kept."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from certificates.models import Artifact
from outbox.running import TryLater

_PROBE = b"Kept to see that files can be kept.\n"


class Unfit(Exception):
    """What is stored is not what was kept: `missing` or `altered`."""


class StorageAway(TryLater):
    """Storage does not answer, or has no room. Nothing is known of the file."""


def keep(content: bytes, *, digest: str, suffix: str) -> str:
    """Store bytes where their hash says, whatever lies there, and return the path."""
    with _reached():
        return default_storage.save(
            f"artifacts/{digest[:2]}/{digest}{suffix}", ContentFile(content)
        )


def recall(artifact: Artifact) -> bytes:
    """Return the very bytes that were kept. Raises Unfit or StorageAway."""
    with _reached():
        try:
            with default_storage.open(artifact.path) as file:
                content: bytes = file.read()
        except FileNotFoundError as error:
            raise Unfit("missing") from error
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise Unfit("altered")
    return content


def is_whole(artifact: Artifact) -> bool:
    """Say whether the bytes are there as they were kept. Raises StorageAway."""
    try:
        recall(artifact)
    except Unfit:
        return False
    return True


def probe() -> None:
    """Keep a small file, always the same one, and read it. Raises Unfit or StorageAway."""
    digest = hashlib.sha256(_PROBE).hexdigest()
    recall(Artifact(path=keep(_PROBE, digest=digest, suffix=".txt"), sha256=digest))


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageAway(error.strerror or str(error)) from error
