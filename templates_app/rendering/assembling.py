"""Append what is one certificate's own to the bytes of its design (ISO 32000-2 §7.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from xml.sax.saxutils import escape

from templates_app.rendering.canvas import POINTS, number, rgb
from templates_app.rendering.compiled import (
    CATALOG,
    DOCUMENT,
    FIRST_STILL,
    INFO,
    PAGE,
    PAGES,
    TREE,
    Compiled,
)
from templates_app.rendering.embed import write_text
from templates_app.rendering.pdf_writer import (
    Objects,
    references,
    stream,
    text_string,
    trailer,
    xref_rows,
)
from templates_app.rendering.setting import Placed
from templates_app.rendering.tagging import ARTIFACT, Tag, figure, marked, paragraph, write_tree

_MIME_TYPES = {".jws": "application/jose", ".json": "application/vc+ld+json"}
_LETTER = (279.4, 215.9)  # millimetres, landscape
# The variable part is small and made for each certificate: speed counts, not the last byte.
_QUICK = 1


@dataclass(frozen=True)
class Picture:
    """A drawing of one certificate's own, with the words that stand for it."""

    order: int
    content: bytes
    words: str


@dataclass(frozen=True)
class Paragraph:
    """A line of one certificate's own and where it comes in reading order."""

    order: int
    line: Placed
    language: str = ""


@dataclass(frozen=True)
class Layer:
    """Everything drawn over the still part."""

    ground: bytes = b""  # decoration beneath the rest
    pictures: Sequence[Picture] = ()
    paragraphs: Sequence[Paragraph] = ()


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    title: str
    author: str
    language: str
    issued_at: datetime


def assemble(
    design: Compiled,
    layer: Layer,
    *,
    about: About | None = None,
    attachments: Mapping[str, bytes] = {},
    paper: str = "",
) -> bytes:
    """Return the file; `paper` is "letter" or, for the design's own size, empty."""
    objects = Objects(first=design.free, at=len(design.prefix), level=_QUICK)
    faces, lines = write_text(
        objects,
        [each.line for each in layer.paragraphs],
        page_height=design.height,
        prefix="V",
    )
    tags, content = _tagged(objects, design, layer, lines)
    _write_page(objects, design, content, faces, paper)
    write_tree(objects, tags, root=TREE, document=DOCUMENT)
    catalog = b"<</Type/Catalog/Pages %d 0 R/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R" % (
        PAGES,
        TREE,
    )
    if about is not None:
        catalog += _about(objects, about)
        catalog += _attached(objects, attachments, _stamp(about.issued_at))
    else:
        objects.put(INFO, b"<<>>")
    objects.put(CATALOG, catalog + b">>")
    return _finished(design, objects)


def _tagged(
    objects: Objects, design: Compiled, layer: Layer, lines: Sequence[str]
) -> tuple[list[Tag], bytes]:
    """Write the elements of the layer; return all elements of the page, and its content."""
    tags = list(design.tags)
    content = [ARTIFACT % layer.ground] if layer.ground else []
    for picture in layer.pictures:
        mark = len(tags)
        tags.append(
            figure(
                objects,
                order=picture.order,
                mark=mark,
                page=PAGE,
                parent=DOCUMENT,
                words=picture.words,
            )
        )
        content.append(marked("Figure", mark, picture.content))
    for each, line in zip(layer.paragraphs, lines, strict=True):
        mark = len(tags)
        tags.append(
            paragraph(
                objects,
                order=each.order,
                mark=mark,
                page=PAGE,
                parent=DOCUMENT,
                language=each.language,
            )
        )
        content.append(marked("P", mark, line.encode("ascii")))
    return tags, b"".join(content)


def _write_page(
    objects: Objects, design: Compiled, content: bytes, faces: Mapping[str, int], paper: str
) -> None:
    size = (design.width, design.height)
    streams = [design.content, objects.stream(content)]
    if paper == "letter":
        size = _LETTER if design.width > design.height else _LETTER[::-1]
        before, after = _onto(size, design)
        streams = [objects.add(stream(before)), *streams, objects.add(stream(after))]
    fonts = b"".join(b"/%b %d 0 R" % (name.encode(), face) for name, face in faces.items())
    width, height = (number(side * POINTS).encode() for side in size)
    objects.put(
        PAGE,
        b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %b %b]/Contents%b/Tabs/S/StructParents 0"
        b"/Resources<</Font<<%b%b>>%b>>>>"
        % (PAGES, width, height, references(streams), design.fonts, fonts, design.resources),
    )


def _onto(size: tuple[float, float], design: Compiled) -> tuple[bytes, bytes]:
    """Return what puts a design whole and centred on other paper, and what ends that."""
    scale = min(size[0] / design.width, size[1] / design.height)
    left = (size[0] - design.width * scale) / 2 * POINTS
    low = (size[1] - design.height * scale) / 2 * POINTS
    whole = f"{number(size[0] * POINTS)} {number(size[1] * POINTS)}"
    before = f"/Artifact BMC q {rgb(design.paper)} rg 0 0 {whole} re f Q EMC\n"
    before += f"q {scale:.5f} 0 0 {scale:.5f} {number(left)} {number(low)} cm\n"
    return before.encode("ascii"), b"\nQ\n"


def _about(objects: Objects, about: About) -> bytes:
    """Say in the document what it is; readers show the title, screen readers use the language."""
    stamp = text_string(_stamp(about.issued_at))
    objects.put(
        INFO,
        b"<</Title %b/Author %b/CreationDate %b/ModDate %b>>"
        % (text_string(about.title), text_string(about.author), stamp, stamp),
    )
    moment = about.issued_at.astimezone(UTC).isoformat(timespec="seconds")
    packet = _XMP % tuple(
        escape(each) for each in (about.title, about.author, about.language, moment)
    )
    data = packet.encode()
    metadata = objects.add(
        # Readers that know no PDF find it only as it is, not deflated (ISO 16684-1).
        b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(data), data)
    )
    return b"/Lang %b/Metadata %d 0 R/ViewerPreferences<</DisplayDocTitle true>>" % (
        text_string(about.language),
        metadata,
    )


def _attached(objects: Objects, attachments: Mapping[str, bytes], stamp: str) -> bytes:
    """Carry the signed credential inside the file, marked as its data (§7.11.4)."""
    names, specs = b"", []
    for name, content in sorted(attachments.items()):
        kind = _MIME_TYPES.get(PurePath(name).suffix, "application/octet-stream")
        file = objects.stream(
            content,
            b"/Type/EmbeddedFile/Subtype/%b/Params<</Size %d/CreationDate(%b)/ModDate(%b)>>"
            % (kind.replace("/", "#2F").encode(), len(content), stamp.encode(), stamp.encode()),
        )
        called = text_string(name)
        spec = objects.add(
            b"<</Type/Filespec/F %b/UF %b/Desc(Signed credential)/AFRelationship/Data"
            b"/EF<</F %d 0 R/UF %d 0 R>>>>" % (called, called, file, file)
        )
        names += b"%b %d 0 R " % (called, spec)
        specs.append(spec)
    if not specs:
        return b""
    return b"/AF%b/Names<</EmbeddedFiles<</Names[%b]>>>>" % (references(specs), names)


def _finished(design: Compiled, objects: Objects) -> bytes:
    at = objects.offsets | {PAGES: design.pages_at}
    rows = xref_rows(at[number] for number in range(1, FIRST_STILL))
    rows += design.rows
    rows += xref_rows(at[number] for number in range(design.free, objects.free))
    own = objects.bytes()
    end = trailer(rows=rows, at=objects.end, root=CATALOG, info=INFO, digest=design.digest + own)
    return b"".join((design.prefix, own, end))


def _stamp(moment: datetime) -> str:
    """Return a moment as PDF writes it (§7.9.4)."""
    return moment.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>%s</xmp:CreateDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
