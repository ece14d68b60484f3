"""The structure of a page for those who do not see it: paragraphs and figures, in reading order.

Tagged PDF, ISO 32000-2 §14.7 and §14.8. What carries no meaning is marked as an artifact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from templates_app.rendering.pdf_writer import Objects, references, text_string

ARTIFACT = b"/Artifact BMC\n%b\nEMC\n"


@dataclass(frozen=True)
class Tag:
    """One element: where it comes in reading order, its mark in the content, its object."""

    order: int
    mark: int
    number: int


def marked(kind: str, mark: int, content: bytes) -> bytes:
    """Return content under the mark that its element refers to."""
    return b"/%b <</MCID %d>> BDC\n%b\nEMC\n" % (kind.encode("ascii"), mark, content)


def paragraph(
    objects: Objects, *, order: int, mark: int, page: int, parent: int, language: str = ""
) -> Tag:
    """Write the element of a paragraph; `language` where it is not the document's."""
    spoken = b"/Lang %b" % text_string(language) if language else b""
    body = b"<</S/P/P %d 0 R/Pg %d 0 R/K %d%b>>" % (parent, page, mark, spoken)
    return Tag(order, mark, objects.add(body))


def figure(objects: Objects, *, order: int, mark: int, page: int, parent: int, words: str) -> Tag:
    """Write the element of a picture, with the words that stand for it."""
    body = b"<</S/Figure/P %d 0 R/Pg %d 0 R/K %d/Alt %b>>" % (
        parent,
        page,
        mark,
        text_string(words),
    )
    return Tag(order, mark, objects.add(body))


def write_tree(objects: Objects, tags: Sequence[Tag], *, root: int, document: int) -> None:
    """Write the tree over all elements, and the way back from each mark to its element."""
    in_order = sorted(tags, key=lambda tag: (tag.order, tag.mark))
    by_mark = sorted(tags, key=lambda tag: tag.mark)
    objects.put(
        document,
        b"<</S/Document/P %d 0 R/K%b>>" % (root, references(tag.number for tag in in_order)),
    )
    objects.put(
        root,
        b"<</Type/StructTreeRoot/K %d 0 R/ParentTreeNextKey 1/ParentTree<</Nums[0%b]>>>>"
        % (document, references(tag.number for tag in by_mark)),
    )
