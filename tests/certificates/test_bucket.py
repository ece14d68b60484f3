"""Files in a bucket of a real S3-compatible server, from the render to the download."""

import hashlib
import logging
from typing import Any

import pytest
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from certificates import artifacts, keeping
from certificates.models import Artifact, RenderJob
from certificates.tokens import format_token
from config.storage import file_storage
from tests.certificates.world import issue_all, issuing_tenant
from tests.factories.rows import NOW
from tests.processes import free_port
from tests.s3 import BUCKET, KEY, SECRET, S3Server

PATH = "artifacts/ab/abc.pdf"


@pytest.fixture
def requests_sent(s3: S3Server) -> list[str]:
    """Note the operations that are asked of the server."""
    noted: list[str] = []
    client = default_storage._client  # type: ignore[attr-defined]
    client.meta.events.register("before-call", lambda model, **_: noted.append(model.name))
    return noted


class TestBucket:
    def test_keeps_a_file_and_gives_it_back_with_one_request_each(
        self, s3: S3Server, requests_sent: list[str]
    ) -> None:
        assert default_storage.save(PATH, ContentFile(b"%PDF one")) == PATH
        with default_storage.open(PATH) as file:
            assert file.read() == b"%PDF one"
        assert requests_sent == ["PutObject", "GetObject"]

    @pytest.mark.parametrize(
        ("suffix", "kind"),
        [("pdf", "application/pdf"), ("png", "image/png"), ("svg", "image/svg+xml")],
    )
    def test_says_what_a_file_is_and_keeps_it_private(
        self, s3: S3Server, suffix: str, kind: str
    ) -> None:
        default_storage.save(f"artifacts/ab/abc.{suffix}", ContentFile(b"content"))
        name = f"live/artifacts/ab/abc.{suffix}"
        assert s3.client.head_object(Bucket=BUCKET, Key=name)["ContentType"] == kind
        grants = s3.client.get_object_acl(Bucket=BUCKET, Key=name)["Grants"]
        assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]

    def test_tells_what_is_not_there_from_a_server_that_is_away(
        self, s3: S3Server, settings: Settings
    ) -> None:
        with pytest.raises(FileNotFoundError):
            default_storage.open(PATH)
        settings.STORAGES = settings.STORAGES | {
            "default": file_storage(f"s3+http://k:s@127.0.0.1:{free_port()}/{BUCKET}", folder="")
        }
        with pytest.raises(OSError, match="Could not connect") as away:
            default_storage.open(PATH)
        assert not isinstance(away.value, FileNotFoundError)
        with pytest.raises(keeping.StorageAway, match="Could not connect"):
            keeping.keep(b"x", digest=hashlib.sha256(b"x").hexdigest(), suffix=".pdf")

    def test_writes_its_keys_into_no_log(
        self, s3: S3Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            default_storage.save(PATH, ContentFile(b"%PDF one"))
            with pytest.raises(FileNotFoundError):
                default_storage.open("artifacts/none")
        assert SECRET not in caplog.text
        assert KEY not in caplog.text


class TestCheck:
    def test_passes_where_files_can_be_kept(self, s3: S3Server) -> None:
        assert self.found() == []

    def test_names_the_remedy_where_they_cannot(self, s3: S3Server, settings: Settings) -> None:
        url = s3.storage_url.replace(BUCKET, "no-such-bucket")
        settings.STORAGES = settings.STORAGES | {"default": file_storage(url, folder="")}
        (error,) = self.found()
        assert (error.id, error.is_serious()) == ("certificates.E001", True)
        assert "NoSuchBucket" in error.msg
        assert "STORAGE_URL" in str(error.hint)
        assert SECRET not in str(error)

    def test_names_the_folder(self, settings: Settings, tmp_path: Any) -> None:
        settings.MEDIA_ROOT = tmp_path / "file" / "media"
        (tmp_path / "file").touch()
        (error,) = self.found()
        assert "MEDIA_ROOT" in str(error.hint)

    def found(self) -> list[checks.CheckMessage]:
        return checks.run_checks(tags=["files"], include_deployment_checks=True)


@pytest.mark.django_db
class TestWholeWay:
    def test_a_completion_ends_as_a_file_that_is_served(self, s3: S3Server, client: Client) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert RenderJob.objects.get().state == RenderJob.State.DONE
        rows = Artifact.objects.all()
        assert s3.objects() == {f"live/{row.path}": row.size for row in rows}
        page = f"/certificates/{format_token(made.token)}"
        for name, form in (("certificate.pdf", "pdf"), ("certificate.png", "png")):
            answer = client.get(f"{page}/{name}")
            kept = rows.get(format=form)
            assert answer.status_code == 200
            assert hashlib.sha256(answer.content).hexdigest() == kept.sha256

    def test_a_damaged_object_is_not_served_and_put_back(
        self, s3: S3Server, client: Client
    ) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        kept = Artifact.objects.get(format="pdf")
        address = f"/certificates/{format_token(made.token)}/certificate.pdf"
        s3.client.put_object(Bucket=BUCKET, Key=f"live/{kept.path}", Body=b"%PDF other")
        assert client.get(address).status_code == 503
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert hashlib.sha256(client.get(address).content).hexdigest() == kept.sha256
        assert Artifact.objects.filter(format="pdf").count() == 1
