"""Static files straight from their folders, at addresses that name their content.

What production has from `collectstatic`, without that step: a browser keeps such a file for ever,
and a changed one has another address.
"""

import hashlib
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware


class HashedStorage(StaticFilesStorage):
    """Gives a file the address under which `HashedFilesMiddleware` serves it."""

    def url(self, name: str | None) -> str:
        """Return the address of a file; while somebody edits them (DEBUG), its plain one."""
        path = None if settings.DEBUG or not name else _find(name)
        return super().url(_hashed(str(name), path) if path else name)


class HashedFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # it has no types
    """Serves each file at its plain address for a minute, and at its hashed one for ever."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Take a file under both addresses; that the second never changes is seen by its name."""
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        if stat_cache is not None and not settings.STATIC_ROOT:
            super().add_file_to_dictionary(_hashed(url, path), path, stat_cache=stat_cache)


@cache
def _find(name: str) -> str | None:
    found = finders.find(name)
    return found if isinstance(found, str) else None


@cache
def _hashed(name: str, path: str) -> str:
    """Return a name with twelve digits of the content's hash, as Django's own storage has them."""
    digest = hashlib.md5(Path(path).read_bytes(), usedforsecurity=False).hexdigest()[:12]
    plain = PurePosixPath(name)
    return str(plain.with_name(f"{plain.stem}.{digest}{plain.suffix}"))
