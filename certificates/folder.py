"""Rendered files in MEDIA_ROOT: each whole or not there, whatever stops the process that writes."""

import time
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from signing import whole_files

# Beside the files, not among them: finding what killed writers left costs one look.
_DRAFTS = "unfinished"
_LONGEST_WRITE_SECONDS = 3600


class Folder(FileSystemStorage):
    """Django's storage, but for how a file gets its name: last, once its bytes are on the disk."""

    def __init__(self, **options: Any) -> None:
        # A name holds its content's hash, so whoever writes it again writes the same.
        super().__init__(allow_overwrite=True, **options)

    def _save(self, name: str, content: "File[bytes]") -> str:
        path, drafts = Path(self.path(name)), Path(self.path(_DRAFTS))
        whole_files.make_folder(drafts)
        _sweep(drafts)
        whole_files.make_folder(path.parent)
        mode = self.file_permissions_mode or 0o600
        whole_files.replace(path, b"".join(content.chunks()), mode=mode, drafts_in=drafts)
        return name


def _sweep(drafts: Path) -> None:
    """Remove what writers left that were killed: nobody writes for that long."""
    oldest = time.time() - _LONGEST_WRITE_SECONDS
    for draft in drafts.iterdir():
        try:
            if draft.stat().st_mtime < oldest:
                draft.unlink()
        except FileNotFoundError:  # its writer has finished, or another one swept
            continue
