"""A learning platform that goes on reporting completions, whatever happens to the service."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any, Self

from tests.service import Answer, Service
from tests.tally import Tally

# Each writer reports a learner this often, and tries again this soon.
_PERIOD_SECONDS = 0.2


@dataclass(frozen=True)
class Attempt:
    """One request: when it began and how long it took, in seconds, and its status; 0 for none."""

    began: float
    seconds: float
    status: int


@dataclass
class Platform:
    """Writers that send new events until told to stop, each one until a 2xx answers it.

    `sizes`: how many events a report holds, in turn; more than one travel as an array.
    """

    service: Service
    api_key: str
    course_version_id: str
    writers: int
    period: float = _PERIOD_SECONDS
    sizes: Sequence[int] = (1,)
    attempts: list[Attempt] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[tuple[str, int, bytes]] = field(default_factory=list)
    interruptions: int = 0
    put_off: list[Answer] = field(default_factory=list)  # 503: not taken, and said so

    def __post_init__(self) -> None:
        self._numbers = count()
        self._sizes = cycle(self.sizes)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._report) for _ in range(self.writers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let each writer finish its event; the service must be there to take it."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def report(self, event_id: str, *, name: str = "") -> None:
        """Report one learner; `acknowledged` holds the answer."""
        if not self._sent(event_id, name=name):
            raise ConnectionError("the service does not answer")

    def tally(self, certificates: dict[str, int]) -> Tally:
        """Count what became of every event; `certificates` is what `world inspect` found."""
        return Tally.of(
            sent=self.sent, acknowledged=set(self.acknowledged), certificates=certificates
        )

    def get(self, path: str) -> Any:
        """Read JSON from the service."""
        return self.service.request("GET", path, headers=self._headers).json()

    def post(self, path: str, body: Any) -> Answer:
        """Ask the service for something."""
        return self.service.request("POST", path, headers=self._headers, body=body)

    def send(self, event_id: str) -> Answer:
        """Report one learner once; return the answer, whatever it is."""
        self.sent.add(event_id)
        answer = self.post("/api/v1/completions", self._completion(event_id, ""))
        if answer.status in {200, 202}:
            self.acknowledged[event_id] = answer.json()
        return answer

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}", "Accept": "application/json"}

    def _report(self) -> None:
        while not self._stopping.is_set():
            event_ids = [f"event-{next(self._numbers)}" for _ in range(next(self._sizes))]
            while not self._sent(*event_ids):
                self._stopping.wait(self.period)
            self._stopping.wait(self.period)

    def _sent(self, *event_ids: str, name: str = "") -> bool:
        completions = [self._completion(event_id, name) for event_id in event_ids]
        self.sent.update(event_ids)
        began = time.monotonic()
        try:
            body = completions if len(completions) > 1 else completions[0]
            answer = self.post("/api/v1/completions", body)
        except (OSError, http.client.HTTPException):
            self.attempts.append(Attempt(began, time.monotonic() - began, 0))
            self.interruptions += 1
            return False
        self.attempts.append(Attempt(began, time.monotonic() - began, answer.status))
        if answer.status == 503:
            self.put_off.append(answer)
            return False  # it is sent again
        if answer.status in {200, 202}:
            self.acknowledged[event_ids[0]] = answer.json()
        elif answer.status == 207:
            for result in answer.json()["results"]:
                self._take_result(result)
        else:
            self.refused.append((event_ids[0], answer.status, answer.body))
        return True

    def _take_result(self, result: dict[str, Any]) -> None:
        if result["status"] in {200, 202}:
            self.acknowledged[result["event_id"]] = result
        else:
            self.refused.append((result["event_id"], result["status"], str(result).encode()))

    def _completion(self, event_id: str, name: str) -> dict[str, Any]:
        return {
            "event_id": event_id,
            "recipient": {"id": f"learner-{event_id}", "name": name or f"Learner {event_id}"},
            "course": {"version_id": self.course_version_id},
            "completed_at": "2026-01-15T10:00:00Z",
        }
