"""Somebody who goes on reading pages, whatever happens to the service."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Self

from tests.service import Answer, Service


@dataclass(frozen=True)
class Visit:
    """One page asked for: when, how long it took, and the answer; None for none."""

    path: str
    began: float
    seconds: float
    answer: Answer | None


@dataclass
class Visitor:
    """A thread that asks for the paths in turn until told to stop."""

    service: Service
    paths: list[str]
    accept: str = "application/json"
    period: float = 0.05
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _read(self) -> None:
        for path in cycle(self.paths):
            began = time.monotonic()
            try:
                answer = self.service.request("GET", path, headers={"Accept": self.accept})
            except (OSError, http.client.HTTPException):
                answer = None
            self.visits.append(Visit(path, began, time.monotonic() - began, answer))
            if self._stopping.wait(self.period):
                return
