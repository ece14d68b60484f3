"""STORAGE_URL."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config.error_reports import Filter
from config.storage import file_storage


def options(url: str) -> dict[str, Any]:
    entry = file_storage(url, folder="")
    assert entry["BACKEND"] == "certificates.bucket.Bucket"
    found: dict[str, Any] = entry["OPTIONS"]
    return found


class TestFileStorage:
    def test_is_a_folder_without_an_address(self) -> None:
        for folder in ("", "/srv/media"):
            assert file_storage("", folder=folder) == {"BACKEND": "certificates.folder.Folder"}

    def test_reads_a_bucket_of_amazons(self) -> None:
        assert options("s3://certificates") == {"bucket_name": "certificates", "location": ""}
        found = options("s3://certificates/one/two/?region=eu-central-1")
        assert (found["location"], found["region_name"]) == ("one/two", "eu-central-1")

    def test_reads_another_server(self) -> None:
        found = options("s3+https://AK%2FIA:s%40e%2Fcret@[::1]:9000/files/live?addressing=virtual")
        assert found["endpoint_url"] == "https://[::1]:9000"
        assert (found["access_key"], found["secret_key"]) == ("AK/IA", "s@e/cret")
        assert (found["bucket_name"], found["location"]) == ("files", "live")
        assert (found["region_name"], found["addressing_style"]) == ("us-east-1", "virtual")
        assert options("s3+http://minio:9000/files")["endpoint_url"] == "http://minio:9000"

    def test_takes_no_token_that_belongs_to_other_keys(self) -> None:
        assert options("s3://key:secret@bucket")["security_token"] is None
        assert "security_token" not in options("s3://bucket")

    @pytest.mark.parametrize(
        ("url", "what"),
        [
            ("https://bucket", "is not s3://bucket"),
            ("bucket", "is not s3://bucket"),
            ("s3+https:///files", "is not s3://bucket"),
            ("s3://", "names no bucket"),
            ("s3://UP", "names no bucket"),
            ("s3+https://minio:9000/", "names no bucket"),
            ("s3+https://minio:port/files", "cannot be read"),
            ("s3://bucket:9000/x", "a bucket has no port"),
            ("s3://s3cr3t@bucket", "half of a pair"),
            ("s3://:s3cr3t@bucket", "half of a pair"),
            ("s3://bucket?regoin=x", "nothing else"),
            ("s3://key:s3cr3t#s3cr3t@bucket", "STORAGE_URL"),
            ("s3://key:s3cr3t/x@bucket", "STORAGE_URL"),
            ("s3+https://key:123/s3cr3t@minio/files", "percent-encoded"),
            ("s3://bucket?addressing=s3cr3t", "addressing is one of auto, path, virtual"),
        ],
    )
    def test_says_what_is_wrong_and_no_secret(self, url: str, what: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="STORAGE_URL") as refused:
            file_storage(url, folder="")
        assert what in str(refused.value)
        assert "s3cr3t" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None

    def test_is_shown_by_no_error_page(self, settings: Settings) -> None:
        entry = file_storage("s3+https://k3y:s3cr3t@minio/files", folder="")
        settings.STORAGES = settings.STORAGES | {"default": entry}
        shown = repr(Filter().get_safe_settings()["STORAGES"])
        assert "minio" in shown
        assert "s3cr3t" not in shown
        assert "k3y" not in shown

    def test_keeps_files_in_one_place(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="unset the other"):
            file_storage("s3://bucket", folder="/srv/media")
