"""System checks of certificates: files can be kept, or it is said what to do."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from certificates import keeping

_BUCKET = (
    "Check STORAGE_URL: the server, the bucket, and keys that may list, read and write it "
    "(s3:ListBucket, s3:GetObject, s3:PutObject)."
)
_FOLDER = "Check MEDIA_ROOT: this account must be able to write there, and the disk needs room."


@register("files", deploy=True)
def check_files(**_: Any) -> list[CheckMessage]:
    """Storage takes a file and gives it back. With --deploy only: no start waits for a server."""
    try:
        keeping.probe()
    except (keeping.StorageAway, keeping.Unfit) as error:
        hint = _BUCKET if "OPTIONS" in settings.STORAGES["default"] else _FOLDER
        return [Error(f"Files cannot be kept: {error}.", hint=hint, id="certificates.E001")]
    return []
