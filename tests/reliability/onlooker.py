"""Somebody who looks at pages and files all the while: nothing shown may be half made."""

import hashlib
import http.client
import random
import re
import threading
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from tests.reliability.platform import Platform
from tests.service import Answer

_FILE = re.compile(r"/certificates/[0-9A-Z-]+/([0-9a-f]{16})/[a-z.-]+")
_PAUSE_SECONDS = 0.1
_MOST_KEPT = 20


@dataclass
class Onlooker:
    """Opens acknowledged certificates at random until told to stop.

    A service that is away or says 503 shows nothing and is forgiven. A page that is there must be
    right: its files are there, and each hashes to what its address says.
    """

    platform: Platform
    pages: int = 0
    files: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._issued: set[str] = set()
        self._dice = random.Random(7)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def __str__(self) -> str:
        return f"{self.pages} pages and {self.files} files looked at, {len(self.wrong)} wrong"

    def _look(self) -> None:
        while not self._stopping.wait(_PAUSE_SECONDS):
            acknowledged = list(self.platform.acknowledged.values())
            if acknowledged:
                # The latest are in the making, the first have files, the others may be anything.
                some = self._dice.choice((acknowledged[-20:], acknowledged[:20], acknowledged))
                self._visit(urlsplit(self._dice.choice(some)["verify_url"]).path)

    def _visit(self, verify: str) -> None:
        verdict = self._get(verify)
        if verdict is None:
            return
        result = verdict.json()["result"]
        if result == "issued":
            self._issued.add(verify)
        elif verify in self._issued or result != "not_found":
            self._note(f"{verify}: {result}")
        page = self._get(verify.replace("/verify/", "/certificates/"))
        if page is None:
            return
        self.pages += 1
        if page.status != 200:
            self._note(f"{verify}: page {page.status}")
        for found in set(_FILE.finditer(page.body.decode())):
            self._open(found.group(), found.group(1))

    def _open(self, path: str, digest: str) -> None:
        file = self._get(path)
        if file is None:
            return
        self.files += 1
        if file.status != 200 or not hashlib.sha256(file.body).hexdigest().startswith(digest):
            self._note(f"{path}: {file.status}, {len(file.body)} bytes")

    def _get(self, path: str) -> Answer | None:
        accepted = "application/json" if path.startswith("/verify/") else "*/*"
        try:
            answer = self.platform.service.request("GET", path, headers={"Accept": accepted})
        except (OSError, http.client.HTTPException):
            return None
        return None if answer.status == 503 else answer

    def _note(self, what: str) -> None:
        if len(self.wrong) < _MOST_KEPT:
            self.wrong.append(what)
