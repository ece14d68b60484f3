"""Take in what is put into the box: held in memory, measured before and while it is read."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, UnreadablePostError

from verification.refusals import Refused, Why

_FORM = 64 * 1024  # bytes: the other fields of the form, and what stands between them


def take(request: HttpRequest) -> tuple[str, bytes | None]:
    """Return the code of a form and its file, or nothing where none was chosen.

    What announces itself as too long is refused before any of it is read. Raises Refused.
    """
    if _length(request) > settings.VERIFY_FILE_LIMIT + _FORM:
        raise too_large()
    request.upload_handlers = [_InMemory(request)]
    try:
        code, file = request.POST.get("code", ""), request.FILES.get("file")
    except UnreadablePostError as error:
        raise Refused(Why.DAMAGED) from error
    return code, file.read() if isinstance(file, UploadedFile) else None


def too_large() -> Refused:
    """Return the refusal of a file that is longer than the box reads."""
    return Refused(Why.TOO_LARGE, limit=f"{settings.VERIFY_FILE_LIMIT / 1_000_000:.3g}")


class _InMemory(MemoryFileUploadHandler):
    """Keeps what is uploaded in memory, never on disk, and stops where it is longer than allowed.

    What a header said of the length need not be so.
    """

    def handle_raw_input(self, *_args: Any, **_kwargs: Any) -> None:
        """Take files of every length that is read at all."""
        self.activated = True
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Count."""
        self.taken += len(raw_data)
        if self.taken > settings.VERIFY_FILE_LIMIT:
            raise too_large()
        return super().receive_data_chunk(raw_data, start)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
