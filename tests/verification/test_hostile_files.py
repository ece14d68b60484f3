"""Files made to break, fill, or fool what reads them: each gets a plain refusal, none a verdict."""

import io
import json
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from django.conf import settings

from certificates.credential.baking import SVG_NAMESPACE, bake
from certificates.queries import securing_of
from tests.factories.registry import Registry
from tests.factories.rows import PIXEL
from tests.verification import paper
from verification import opening
from verification.evidence import examine_file
from verification.kinds import kind_of
from verification.refusals import Refused, Why

SVG = '<svg xmlns="http://www.w3.org/2000/svg">'
LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"".join(
        [PIXEL[:8], chunk(b"IHDR", head), *chunks, chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    )


def swelling_page() -> bytes:
    """Return a PDF whose page is 150 megabytes of commands in few bytes."""
    document = pikepdf.new()
    document.add_blank_page()
    packer = zlib.compressobj(9)
    parts = [packer.compress(b"0 0 m 1 1 l S " * 700_000) for _ in range(15)]
    stream = document.make_stream(b"")
    stream.write(b"".join([*parts, packer.flush()]), filter=pikepdf.Name.FlateDecode)
    document.pages[0].Contents = stream
    file = io.BytesIO()
    document.save(file, compress_streams=False)
    return file.getvalue()


def endless_pages() -> bytes:
    """Return a PDF whose tree of pages bites its own tail."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9999999>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


HOSTILE: dict[str, tuple[Callable[[], bytes], set[Why]]] = {
    "empty": (lambda: b"", {Why.EMPTY}),
    "blanks": (lambda: b" \r\n\t" * 99, {Why.EMPTY}),
    "PNG of 2^31 pixels": (lambda: png(65536, 32768), {Why.TOO_MANY_PIXELS}),
    "PNG as wide as can be": (lambda: png(2**31 - 1, 2**31 - 1), {Why.TOO_MANY_PIXELS}),
    "PNG without width": (lambda: png(0, 0), {Why.DAMAGED}),
    "PNG cut off": (lambda: PIXEL[:40], {Why.DAMAGED}),
    "PNG with a packed text": (
        lambda: png(8, 8, chunk(b"zTXt", b"openbadges\0\0" + zlib.compress(bytes(50_000_000), 9))),
        {Why.DAMAGED, Why.NO_CODE_SEEN, Why.TOO_MUCH_WORK},
    ),
    "JPEG that is none": (lambda: b"\xff\xd8\xff\xe0" + bytes(99), {Why.DAMAGED}),
    "WebP that is none": (lambda: b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(99), {Why.DAMAGED}),
    "PDF cut off": (lambda: paper.letter("x")[:200], {Why.DAMAGED}),
    "PDF in name only": (lambda: b"%PDF-1.7\n" + bytes(5000), {Why.DAMAGED}),
    "PDF locked": (lambda: paper.locked(paper.letter("x")), {Why.LOCKED}),
    "PDF without a page": (
        lambda: paper.letter("x").replace(b"/Count 1", b"/Count 0"),
        {Why.DAMAGED, Why.NOTHING_INSIDE},
    ),
    "PDF that swells": (swelling_page, {Why.TOO_MUCH_WORK, Why.NOTHING_INSIDE, Why.DAMAGED}),
    "PDF of endless pages": (
        endless_pages,
        {Why.DAMAGED, Why.TOO_MUCH_WORK, Why.NOTHING_INSIDE},
    ),
    "PDF behind a PNG": (lambda: PIXEL + paper.letter("x"), {Why.TWO_KINDS}),
    "PDF behind a text": (lambda: b"see below\n" + paper.letter("x"), {Why.TWO_KINDS}),
    "SVG with a billion laughs": (
        f"<!DOCTYPE svg [<!ENTITY l0 'ha'>{LOL}]>{SVG}&l9;</svg>".encode,
        {Why.DAMAGED},
    ),
    "SVG that asks for a file": (
        f"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{SVG}&x;</svg>".encode,
        {Why.DAMAGED},
    ),
    "SVG too deep": (f"{SVG}{'<g>' * 5000}".encode, {Why.TOO_MUCH_WORK}),
    "SVG without a credential": (f"{SVG}</svg>".encode, {Why.NOTHING_INSIDE}),
    "SVG with two": (
        (
            f'{SVG}<o:credential xmlns:o="{SVG_NAMESPACE}" verify="a"/>'
            f'<o:credential xmlns:o="{SVG_NAMESPACE}" verify="b"/></svg>'
        ).encode,
        {Why.SEVERAL},
    ),
    "a web page": (lambda: b"<!DOCTYPE html><p>Valid!", {Why.DAMAGED, Why.UNKNOWN_KIND}),
    "JSON too deep": (lambda: b'{"id":' + b"[" * 100_000, {Why.DAMAGED}),
    "JSON that says it twice": (lambda: b'{"id": "a", "id": "b"}', {Why.DAMAGED}),
    "JSON of a long number": (lambda: b'{"id":' + b"9" * 5000 + b"}", {Why.DAMAGED}),
    "JSON too long": (lambda: json.dumps({"id": "x" * 300_000}).encode(), {Why.TOO_MUCH_WORK}),
    "a zip file": (lambda: b"PK\x03\x04" + bytes(99), {Why.UNKNOWN_KIND}),
    "a program": (lambda: b"\x7fELF" + bytes(99), {Why.UNKNOWN_KIND}),
    "bytes": (lambda: b"\xff\xfe\x00", {Why.UNKNOWN_KIND}),
    "too long": (lambda: bytes(settings.VERIFY_FILE_LIMIT + 1), {Why.TOO_LARGE}),
}


@pytest.mark.once
class TestHostileFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_are_refused_in_words(self, registry: Registry, name: str) -> None:
        make, expected = HOSTILE[name]
        with pytest.raises(Refused) as refused:
            examine_file(content=make(), now=registry.now)
        assert refused.value.why in expected
        assert str(refused.value)

    def test_are_parsed_in_the_child_alone(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What reaches this process is what the child says of a file."""
        seen: list[str] = []

        def run(call: str, *_: object, **__: object) -> tuple[dict[str, object], bytes]:
            seen.append(call)
            return {"refused": "damaged"}, b""

        monkeypatch.setattr(opening, "run", run)
        for content in (paper.letter("x"), PIXEL, SVG.encode(), b"{}", b"a.b.c"):
            with pytest.raises(Refused):
                examine_file(content=content, now=registry.now)
        assert len(seen) == 5

    def test_a_good_badge_that_is_also_something_else_is_no_good(self, registry: Registry) -> None:
        badge = bake(PIXEL, securing_of(registry.issue()).content)
        with pytest.raises(Refused) as refused:
            kind_of(badge[:60] + b"%PDF-1.7" + badge[60:])
        assert refused.value.why is Why.TWO_KINDS
