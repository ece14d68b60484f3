"""What the code can emit, and what a document says it emits, in one comparable form."""

import re
from dataclasses import dataclass

from prometheus_client import Counter, Histogram

from observability import metrics
from observability.events import ATTRIBUTES, Event
from observability.spans import Span


@dataclass(frozen=True, order=True)
class Entry:
    """One name: of an event, a metric or a span. `details` are labels or attributes."""

    kind: str
    name: str
    details: tuple[str, ...] = ()


def registered() -> set[Entry]:
    """Return everything the code has a name for."""
    entries = {Entry("event", event.value, tuple(sorted(ATTRIBUTES[event]))) for event in Event}
    entries |= {Entry("span", span.value) for span in Span}
    entries |= {
        Entry("gauge", name, ("version",) if name == "cert_build_info" else ())
        for name in metrics.GAUGES
    }
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Histogram):
            family = next(iter(metric.describe()))
            suffix = "_total" if family.type == "counter" else ""
            labels = tuple(sorted(metric._labelnames))  # noqa: SLF001 - it has no public reader
            entries.add(Entry(family.type, family.name + suffix, labels))
    return entries


_ROW = re.compile(
    r"^\| `(?P<name>(?:cert|certification)[._][\w.]+)` \| (?P<kind>\w+) \|(?P<details>[^|]*)\|",
    re.MULTILINE,
)


def documented(text: str) -> set[Entry]:
    """Return the entries of a document's tables: name, kind and details are their first columns."""
    return {
        Entry(
            row["kind"],
            row["name"],
            tuple(sorted(re.findall(r"`(\w+)`", row["details"]))),
        )
        for row in _ROW.finditer(text)
    }
