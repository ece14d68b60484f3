"""Rendered files in a bucket of an S3-compatible server (STORAGE_URL)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

_NOT_THERE = frozenset({"NoSuchKey", "404"})


class Bucket(S3Storage):  # type: ignore[misc] # the library has no types
    """django-storages, with one request for a file, and every failure an OSError.

    Objects are private, as S3's are unless told otherwise. A name holds its content's hash, so
    whoever writes it again writes the same; what is sent is signed, so the server takes it whole.
    """

    def __init__(self, *, addressing_style: str = "auto", **options: Any) -> None:
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing_style},
            # A page waits for this; a worker comes back by itself.
            connect_timeout=3,
            read_timeout=10,
            retries={"total_max_attempts": 2, "mode": "standard"},
            # The newer checksums are unknown to many servers that are not Amazon's.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, **options)

    @cached_property
    def _client(self) -> Any:
        # Threads may share a client; the library makes each of them a session of its own.
        return self.connection.meta.client

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":  # noqa: ARG002 - for reading only
        with _failures(name):
            answer = self._client.get_object(Bucket=self.bucket_name, Key=self._key(name))
            return ContentFile(answer["Body"].read(), name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        with _failures(name):
            self._client.put_object(
                Bucket=self.bucket_name,
                Key=self._key(name),
                Body=b"".join(content.chunks()),
                **self._get_write_parameters(name, content),
            )
        return name

    def _key(self, name: str) -> str:
        return str(self._normalize_name(name))


@contextmanager
def _failures(name: str) -> Iterator[None]:
    """Tell a file that is not there from a server that does not answer or will not."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _NOT_THERE:
            raise FileNotFoundError(name) from error
        raise OSError(str(error)) from error
    except BotoCoreError as error:
        raise OSError(str(error)) from error
