"""Keys that somebody else may hold: typed, patterned, or made for a demo."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

# 32 random bytes hold about 30 different ones; a typed or repeated key holds few.
_LEAST_DIFFERENT_BYTES = 16


def why_guessable(key: bytes, *, embedded_folders: Iterable[Path]) -> str:
    """Return why a key of 32 bytes must not guard production; empty where nothing is wrong.

    `embedded_folders` are the DATA_DIRs in which embedded mode may have made keys of its own:
    readable by whoever tried the demo, copied with it, and written into its backups.
    """
    if len(set(key)) < _LEAST_DIFFERENT_BYTES or key[:16] == key[16:]:
        return "it repeats itself"
    if len({(after - before) % 256 for before, after in pairwise(key)}) == 1:
        return "it counts"
    if all(0x20 <= byte < 0x7F for byte in key):  # noqa: PLR2004 - printable ASCII
        return "it is text, not random bytes"
    for folder in embedded_folders:
        path = folder / "secrets" / "key_encryption_key"
        if hmac.compare_digest(key, _kept_in(path)):
            return f"embedded mode made it for a demo, in {path}"
    return ""


def _kept_in(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text(encoding="ascii"))
    except (OSError, ValueError, binascii.Error):
        return b""  # none there, or none that we may read: nor is it ours then
