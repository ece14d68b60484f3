"""What is told of an answer, each time somebody gets it."""

from dataclasses import dataclass
from typing import ClassVar

from observability.batches import Kind
from observability.origins import Origin


# Compared as the one object it is: thousands of hits hang on the same, and are counted by it.
@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """One answer as metrics, log and figures know it. Moments are Unix time.

    From `since` to `until` the very bytes are right; at `ends` the verdict itself becomes another.
    """

    NAME: ClassVar[str] = "verification.answered"  # where the environment of a request holds it

    result: str
    tenant_id: str
    certificate_id: str
    fingerprint: str  # of the token; empty where there was none to read
    line: str  # of the log, but for moment and request
    since: float
    until: float
    ends: float


# What was answered from memory, as which kind of request, its id, Unix time, seconds, and to whom.
Hit = tuple[Answered, Kind, str, float, float, Origin]
