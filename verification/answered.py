"""What is told of an answer, each time somebody gets it."""

from dataclasses import dataclass
from typing import ClassVar

from observability.batches import Kind


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as metrics, log and figures know it. Moments are Unix time.

    From `since` to `until` the very bytes are right; at `ends` the verdict itself becomes another.
    """

    NAME: ClassVar[str] = "verification.answered"  # where the environment of a request holds it

    result: str
    tenant_id: str
    certificate_id: str
    line: str  # of the log, but for moment and request
    since: float
    until: float
    ends: float


# What was answered from memory, as which kind of request, its id, Unix time and seconds.
Hit = tuple[Answered, Kind, str, float, float]
