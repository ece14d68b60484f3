"""What became of everything a fault test reported: counted, and printed when the run ends."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

import pytest

_PROPERTY = "tally"


@dataclass(frozen=True)
class Tally:
    """Events sent, acknowledged with a 2xx, issued, issued more than once, and lost."""

    sent: int
    acknowledged: int
    issued: int
    duplicate: int
    lost: int

    @classmethod
    def of(cls, *, sent: set[str], acknowledged: set[str], certificates: dict[str, int]) -> "Tally":
        """Count by event id; `certificates` holds how many each stored event has."""
        numbers = [certificates.get(event, 0) for event in sent]
        return cls(
            sent=len(sent),
            acknowledged=len(acknowledged),
            issued=sum(number > 0 for number in numbers),
            duplicate=sum(number > 1 for number in numbers),
            lost=sum(not certificates.get(event) for event in acknowledged),
        )


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Callable[[Tally], Tally]:
    """Return what notes a tally for the last lines of the run, and hands it back."""

    def tell(tally: Tally) -> Tally:
        record_property(_PROPERTY, astuple(tally))
        return tally

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every tally of the run: one line for a fault."""
    lines = [
        f"{report.nodeid.partition('tests/')[2]}: "
        + ", ".join(
            f"{number} {field.name}" for field, number in zip(fields(Tally), value, strict=True)
        )
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == _PROPERTY and isinstance(value, tuple | list) and report.when == "teardown"
    ]
    if lines:
        terminalreporter.section("what the faults left")
        for line in lines:
            terminalreporter.write_line(line)
