"""Files drawn in no time, for tests of what becomes of files; how they look is tested elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from certificates import artifacts


@contextmanager
def drawn_quickly() -> Iterator[None]:
    """Let every file of a certificate hold its id and little else."""
    with (
        patch.object(
            artifacts, "render_pdf", lambda **k: b"%PDF " + k["values"]["certificate_id"].encode()
        ),
        patch.object(artifacts, "draw_pictures", _pictures),
        patch.object(artifacts, "draw_badge", lambda **_: b"badge"),
        patch.object(artifacts, "draw_badge_svg", lambda **_: "<svg />"),
        patch.object(artifacts, "bake", lambda picture, credential: picture + credential.encode()),
        patch.object(artifacts, "source_of", lambda _: None),
        patch.object(artifacts, "printed_values", lambda c: {"certificate_id": str(c.pk)}),
    ):
        yield


def _pictures(*, values: dict[str, str], wanted: list[str], **_: Any) -> dict[str, bytes]:
    return {name: f"{name} of {values['certificate_id']}".encode() for name in wanted}
