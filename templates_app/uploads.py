"""Take a tenant's files in: images and fonts are read in the sandbox, which writes them anew."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import accumulate
from typing import Any

from sandbox.running import Failed, Stopped, run
from templates_app.design import Font
from templates_app.images import MOST_BYTES, BadImage, Picture
from templates_app.rendering.font_checks import BadFont

MOST_FONT_BYTES = 4 * 1024 * 1024


def take_images(uploads: Mapping[str, bytes], *, untrimmed: frozenset[str]) -> dict[str, Picture]:
    """Return clean pictures by the names of the uploads. Raises BadImage, which says which."""
    taken: dict[str, Picture] = {}
    for batch in _batches(uploads):
        taken |= _take(batch, untrimmed)
    return taken


def take_font(
    upload: bytes, *, name: str, family: str = "", weight: int = 0
) -> tuple[dict[str, Any], bytes]:
    """Return what a font is and its file, built anew; `family` is what it shall be called.

    `weight` is what is taken of a variable font; without, its own default.

    Facts are family, weight, italic, glyphs, letters by script and the scripts it can draw.
    Raises BadFont, which names the upload.
    """
    if len(upload) > MOST_FONT_BYTES:
        raise BadFont(f"{name}: The font is larger than {MOST_FONT_BYTES // 1024 // 1024} MiB.")
    call = "templates_app.rendering.font_cleaning:clean"
    try:
        facts, content = run(
            call, {"family": family, "weight": weight}, files={"upload.font": upload}
        )
    except Stopped as stop:
        # A sound font may meet a busy minute.
        again = " Try again, or one with fewer glyphs." if stop.limit == "timeout" else ""
        raise BadFont(f"{name}: The font is refused: reading it {stop}.{again}") from stop
    except Failed as failure:
        raise BadFont(f"{name}: The font is damaged: it cannot be read.") from failure
    if "refused" in facts:
        raise BadFont(f"{name}: {facts['refused']}")
    return facts, content


def font_of(facts: Mapping[str, Any], content: bytes) -> Font:
    """Return a font as designs hold it."""
    return Font(
        family=facts["family"],
        weight=facts["weight"],
        italic=facts["italic"],
        scripts=tuple(facts["scripts"]),
        sha256=sha256(content).hexdigest(),
        content=content,
    )


def _batches(uploads: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Yield uploads in groups no larger than one may be: each group shares a child."""
    group: dict[str, bytes] = {}
    for name, upload in uploads.items():
        if len(upload) > MOST_BYTES:
            raise BadImage(f"{name}: The image is larger than {MOST_BYTES // 1024 // 1024} MiB.")
        if sum(map(len, group.values())) + len(upload) > MOST_BYTES:
            yield group
            group = {}
        group[name] = upload
    if group:
        yield group


def _take(batch: Mapping[str, bytes], untrimmed: frozenset[str]) -> dict[str, Picture]:
    names = list(batch)
    files = {f"{index}.img": upload for index, upload in enumerate(batch.values())}
    request = {"names": names, "trim": [name not in untrimmed for name in names]}
    try:
        facts, content = run("templates_app.images:reencode_all", request, files=files)
    except (Stopped, Failed) as error:
        raise BadImage(f"{', '.join(names)}: The image cannot be read: {error}.") from error
    if "refused" in facts:
        raise BadImage(facts["refused"])
    ends = accumulate(length for length, _, _ in facts["pictures"])
    return {
        name: Picture(content[end - length : end], "image/png", width, height)
        for name, (length, width, height), end in zip(names, facts["pictures"], ends, strict=True)
    }
