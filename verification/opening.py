"""Open a stranger's file in a child process: what it carries, and how it compares.

Nothing of it is parsed in this process, and nothing of it is left when the answer is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from sandbox.running import Failed, Limits, Stopped, run
from verification.comparison import Issued, Page
from verification.kinds import Kind, kind_of
from verification.lookup import CouldNotCheck
from verification.refusals import Refused, Why

_ROOM = "verification.unpacking"
_GIVEN = "given"
_BESIDE = {Kind.PDF: "beside:pages", Kind.PICTURE: "beside:pictures"}
_LIMITS = Limits(answer=4 * 1024**2)
# Of one process at a time: a crowd waits, and then is told to come again.
_AT_ONCE = BoundedSemaphore(2)
_PATIENCE = 20.0  # seconds


@dataclass(frozen=True)
class Opened:
    """What a file carries. Nothing of it is believed yet.

    One of `compact`, `document` and `texts` is there. `origins` is what a credential says of
    where it comes from; `is_carried`: it lies inside a page or a picture that shows something.
    """

    kind: Kind
    compact: str = ""
    document: dict[str, Any] | None = None
    texts: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    is_carried: bool = False


def open_file(content: bytes) -> Opened:
    """Return what a file carries. Raises Refused or CouldNotCheck."""
    kind = kind_of(content)
    facts = _run(f"{kind}:unpack", {}, {_GIVEN: content})
    return Opened(
        kind=kind,
        compact=facts.get("compact", ""),
        document=facts.get("document"),
        texts=facts.get("texts", []),
        origins=facts.get("origins", []),
        is_carried=facts.get("carried", False),
    )


def lay_beside(content: bytes, issued: Sequence[bytes], *, kind: Kind) -> tuple[Page, list[Issued]]:
    """Return the page that was given, and how it looks beside each that was issued.

    Raises Refused or CouldNotCheck.
    """
    files = {_GIVEN: content} | {str(number): each for number, each in enumerate(issued)}
    facts = _run(_BESIDE[kind], {"issued": len(issued)}, files)
    page = Page(text=facts["text"], pages=facts["pages"], is_active=facts["active"])
    return page, [Issued(text=each["text"], looks=each["looks"]) for each in facts["issued"]]


def _run(call: str, request: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise CouldNotCheck
    try:
        facts, _ = run(f"{_ROOM}.{call}", request, files=files, limits=_LIMITS)
    except Stopped as stop:
        raise Refused(Why.TOO_MUCH_WORK) from stop
    except Failed as failure:
        raise Refused(Why.DAMAGED) from failure
    finally:
        _AT_ONCE.release()
    if "refused" in facts:
        raise Refused(Why(facts["refused"]))
    opened: dict[str, Any] = facts
    return opened
