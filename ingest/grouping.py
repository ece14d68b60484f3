"""Rows that can change each other's answer, kept together. Pure.

A row's answer depends on others of its event id (repeats) and of its recipient (one award each).
Batches that split no such group can be judged one after another, without memory of each other,
and still answer as the whole file would.
"""

from collections.abc import Iterator, Sequence

from certificates.completion import ReportedCompletion

Reported = tuple[int, ReportedCompletion]


def together(rows: Sequence[Reported], *, size: int) -> Iterator[list[Reported]]:
    """Yield all rows in batches of about `size`, in order within each group."""
    parents: dict[str, str] = {}
    for _, report in rows:
        event = _root(parents, f"event {report.event_id}")
        parents[event] = _root(parents, f"recipient {report.recipient_id}")
    groups: dict[str, list[Reported]] = {}
    for row in rows:
        groups.setdefault(_root(parents, f"event {row[1].event_id}"), []).append(row)
    batch: list[Reported] = []
    for group in groups.values():
        batch += group
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _root(parents: dict[str, str], name: str) -> str:
    """Return the name that stands for a group (union-find with path halving)."""
    while (parent := parents.setdefault(name, name)) != name:
        parents[name] = parents[parent]
        name = parent
    return name
