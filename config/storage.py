"""STORAGE_URL: where rendered files are kept, when that is no folder."""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_FORM = (
    "s3://bucket/prefix for Amazon's, or s3+https://key:secret@host/bucket/prefix (s3+http:// "
    "without TLS) for another S3-compatible server"
)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w./-]*", re.ASCII)
_ADDRESSING = frozenset({"auto", "path", "virtual"})


def file_storage(url: str, *, folder: str) -> dict[str, Any]:
    """Return the entry of Django's STORAGES; without an address, files are kept in MEDIA_ROOT.

    `?region=` and `?addressing=path|virtual` say what the server wants. Keys that the address
    does not hold come from the usual AWS variables, a profile or the machine's role. No error
    repeats the address: it may hold a secret.
    """
    if not url:
        return {"BACKEND": "certificates.folder.Folder"}
    if folder:
        raise ImproperlyConfigured(
            "STORAGE_URL and MEDIA_ROOT are both set. Files are kept in one place: unset the other."
        )
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # it names what it found, which may be a part of the secret
        raise ImproperlyConfigured(f"STORAGE_URL cannot be read. It is {_FORM}.") from None
    options = _options(parts)
    path = unquote(parts.path).strip("/")
    if parts.scheme == "s3":
        bucket, location, server = parts.hostname or "", path, {}
        if port:
            raise ImproperlyConfigured(f"STORAGE_URL: a bucket has no port. It is {_FORM}.")
    elif parts.scheme in {"s3+https", "s3+http"} and parts.hostname:
        bucket, _, location = path.partition("/")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        server = {
            "endpoint_url": f"{parts.scheme.removeprefix('s3+')}://{host}{port}",
            "addressing_style": "path",
            "region_name": "us-east-1",
        }
    else:
        raise ImproperlyConfigured(f"STORAGE_URL is not {_FORM}.")
    if not _BUCKET.fullmatch(bucket) or not _PREFIX.fullmatch(location):
        raise ImproperlyConfigured(
            "STORAGE_URL names no bucket and prefix of a-z, 0-9, dot, hyphen (and in the prefix "
            "A-Z, _ and /). A / or @ inside a secret is percent-encoded."
        )
    named = {"bucket_name": bucket, "location": location}
    return {
        "BACKEND": "certificates.bucket.Bucket",
        "OPTIONS": named | server | options | _credentials(parts),
    }


def _options(parts: SplitResult) -> dict[str, str]:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    options = {}
    if "region" in given:
        options["region_name"] = given.pop("region")
    if "addressing" in given:
        options["addressing_style"] = given.pop("addressing")
        if options["addressing_style"] not in _ADDRESSING:
            raise ImproperlyConfigured(
                f"STORAGE_URL: addressing is one of {', '.join(sorted(_ADDRESSING))}."
            )
    if given or parts.fragment:
        raise ImproperlyConfigured(
            "STORAGE_URL takes ?region= and &addressing=, and nothing else. A ?, # or / inside a "
            "secret is percent-encoded."
        )
    return options


def _credentials(parts: SplitResult) -> dict[str, str | None]:
    key, secret = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(key) != bool(secret):
        raise ImproperlyConfigured(
            "STORAGE_URL holds half of a pair of keys. Give key:secret@, percent-encoded, or "
            "neither: then the AWS variables count."
        )
    if not key:
        return {}
    # A session's token in the environment belongs to the keys there, not to these.
    return {"access_key": key, "secret_key": secret, "security_token": None}
