"""Somebody who verifies with jwcrypto and a cached key set, and knows nothing else of us."""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Self

from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT

from tests.service import Service

_MAX_AGE = re.compile(r"max-age=(\d+)")
_PAUSE_SECONDS = 0.02


class Stranger:
    """Fetches the key set when its age is over, and not because a `kid` is missing in it."""

    def __init__(self, service: Service, path: str) -> None:
        self.service = service
        self._path = path
        self._keys = JWKSet()
        self._fresh_until = 0.0

    def kid(self, compact: str) -> str:
        """Verify a token and return the `kid` of the key. Raises what jwcrypto does."""
        asked_at = time.monotonic()
        if asked_at >= self._fresh_until:
            answer = self.service.request("GET", self._path)
            assert answer.status == 200, answer.body
            headers = {name.lower(): value for name, value in answer.headers.items()}
            [age] = _MAX_AGE.findall(headers["cache-control"])
            self._fresh_until = asked_at + int(age)  # RFC 9111, section 4.2.3
            self._keys = JWKSet.from_json(answer.body.decode())
        token = JWT(jwt=compact, key=self._keys, algs=["ES256"])
        return str(json.loads(token.header)["kid"])


class Verifying:
    """A thread in which a stranger verifies each certificate as soon as it can be fetched."""

    def __init__(self, stranger: Stranger, credentials: Callable[[], list[str]]) -> None:
        self._stranger = stranger
        self._credentials = credentials
        self._done: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.kids: dict[str, int] = {}
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; wait for `has_all` first where every certificate counts."""
        self._stopping.set()
        self._thread.join()

    def has_all(self) -> bool:
        """Say whether every certificate was verified, well or not."""
        return len(self._done) >= len(self._credentials())

    def _run(self) -> None:
        while not self._stopping.is_set():
            for path in [path for path in self._credentials() if path not in self._done]:
                self._look_at(path)
            self._stopping.wait(_PAUSE_SECONDS)

    def _look_at(self, path: str) -> None:
        try:
            answer = self._stranger.service.request("GET", path)
            if answer.status == 404:
                return  # accepted, not yet issued
            kid = self._stranger.kid(answer.body.decode())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed verification
            self.failures.append(f"{path}: {type(error).__name__} {error}")
        else:
            self.kids[kid] = self.kids.get(kid, 0) + 1
        self._done.add(path)
