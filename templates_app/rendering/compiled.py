"""A design as bytes: everything that is the same on each certificate, written once."""

from dataclasses import dataclass

from templates_app.rendering.tagging import Tag

# Objects whose number is the same in every file; all but the page tree are written for each.
CATALOG, PAGES, PAGE, INFO, TREE, DOCUMENT = range(1, 7)
FIRST_STILL = 7


@dataclass(frozen=True)
class Compiled:
    """The beginning of every file of one design in one language; measures in millimetres."""

    width: float
    height: float
    paper: str
    prefix: bytes
    digest: bytes
    pages_at: int
    rows: bytes  # of the cross-reference table, for the still objects
    free: int  # the next object's number
    content: int
    fonts: bytes
    resources: bytes
    tags: tuple[Tag, ...]
    marks: int
