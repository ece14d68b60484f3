"""What became of a file: counts that add up to its rows, and every problem by line. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

from certificates.completion import SHOWN_LIMIT, FieldProblem

# What may become of a row (contract, section 1); they add up to the rows.
COUNTS = ("issued", "skipped", "refused", "held", "review", "ignored")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to know about one line; `column` is empty where it is about the whole row."""

    line: int
    column: str
    value: str
    severity: Literal["error", "warning"]
    code: str
    reason: str
    remedy: str


@dataclass
class Summary:
    """The counts of the contract, section 1, and the completions still on their way.

    `waiting` maps a stored completion to its line. A row that waits is counted nowhere yet.
    """

    rows: int = 0
    issued: int = 0
    skipped: int = 0
    refused: int = 0
    held: int = 0
    review: int = 0
    ignored: int = 0
    problems: list[Problem] = field(default_factory=list)
    waiting: dict[UUID, int] = field(default_factory=dict)

    def add(self, line: int, problems: Iterable[FieldProblem]) -> None:
        """Note problems of one line, in words for whoever mends the file."""
        for one in problems:
            self.problems.append(
                Problem(
                    line=line,
                    column=one.field,
                    value=one.value[:SHOWN_LIMIT],
                    severity=one.severity,
                    code=one.code,
                    reason=f"{one.field or 'the row'} {one.detail}",
                    remedy=one.remedy,
                )
            )

    def refuse(self, *, code: str, reason: str, remedy: str) -> None:
        """Note why nothing of the file was imported."""
        self.problems.append(Problem(1, "", "", "error", code, reason, remedy))

    def errors(self) -> dict[int, str]:
        """Return the reasons of every line that needs mending, for a file of errors."""
        reasons: dict[int, list[str]] = {}
        for problem in self.problems:
            if problem.severity == "error":
                reasons.setdefault(problem.line, []).append(problem.reason)
        return {line: "; ".join(found) for line, found in reasons.items()}

    def document(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return {
            **{name: getattr(self, name) for name in ("rows", *COUNTS)},
            "problems": [asdict(one) for one in sorted(self.problems, key=lambda p: p.line)],
        }
