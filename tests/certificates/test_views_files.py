"""The addresses of a certificate's files: whole, frozen, or a reason why not."""

import hashlib
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from structlog.testing import capture_logs

from certificates import topics
from certificates.folder import Folder
from certificates.models import Artifact, RenderJob, Securing
from certificates.tokens import new_token
from observability import metrics
from outbox.models import OutboxMessage
from tests.certificates.shown import FILES, HTML, keep, page_of, path_of, render
from tests.factories.registry import Registry


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


class TestLetter:
    def test_is_asked_for_once_and_linked_by_its_content_when_made(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        address = f"{path_of(certificate)}/certificate-letter.pdf"
        assert f'href="{address}"' in page_of(client, certificate)
        OutboxMessage.objects.all().delete()
        for _ in range(2):
            response = client.get(address)
            assert (response.status_code, response["Retry-After"]) == (503, "5")
        message = OutboxMessage.objects.get()
        assert (message.task, message.payload["paper"]) == (topics.RENDER, "letter")
        assert message.payload["certificate_ids"] == [str(certificate.pk)]
        keep(certificate, "pdf", b"letter", paper="letter")
        response = client.get(address)
        assert (response.content, response["Content-Type"]) == (b"letter", "application/pdf")
        digest = hashlib.sha256(b"letter").hexdigest()[:16]
        fixed = f"{path_of(certificate)}/{digest}/certificate-letter.pdf"
        assert f'href="{fixed}"' in page_of(client, certificate)
        assert "immutable" in client.get(fixed)["Cache-Control"]
        assert client.get(fixed.replace("-letter", "")).status_code == 404
        assert client.get(f"{path_of(certificate)}/certificate.pdf").content == b"pdf 1"

    def test_waits_until_the_rest_is_there(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        OutboxMessage.objects.all().delete()
        response = client.get(f"{path_of(certificate)}/certificate-letter.pdf")
        assert response.status_code == 503
        assert "certificate-letter" not in page_of(client, certificate)
        assert not OutboxMessage.objects.exists()

    def test_is_not_asked_for_by_a_content_that_is_none(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        OutboxMessage.objects.all().delete()
        address = f"{path_of(certificate)}/{'0' * 16}/certificate-letter.pdf"
        assert client.get(address).status_code == 404
        assert not OutboxMessage.objects.exists()


class TestCertificateFile:
    def test_lets_no_picture_act(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        render(certificate)
        response = client.get(f"{path_of(certificate)}/badge.svg")
        assert response["Content-Type"] == "image/svg+xml"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("attachment")
        policy = "default-src 'none'; img-src data:; sandbox"
        assert response["Content-Security-Policy"] == policy
        kept = {"if-none-match": response["ETag"]}
        again = client.get(f"{path_of(certificate)}/badge.svg", headers=kept)
        assert (again.status_code, again["Content-Security-Policy"]) == (304, policy)

    @pytest.mark.parametrize("name", FILES)
    def test_gives_out_the_newest_revision(
        self, name: str, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue("Zoë Ødegård", title="Data / Analysis")
        render(certificate)
        render(certificate, revision=2)
        kind, content_type = FILES[name]
        response = client.get(f"{path_of(certificate)}/{name}")
        content = f"{kind} 2".encode()
        digest = hashlib.sha256(content).hexdigest()
        assert response.content == content
        assert response["Content-Type"] == content_type
        assert response["Cache-Control"] == "private, no-cache"
        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Zo%C3%AB")
        stem, extension = name.split(".")
        assert response["Content-Disposition"].endswith(f"{stem}%20{digest[:8]}.{extension}")
        again = client.get(
            f"{path_of(certificate)}/{name}", headers={"if-none-match": response["ETag"]}
        )
        assert again.status_code == 304

    def test_keeps_giving_out_an_old_revision_by_its_content(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        render(certificate, revision=2)
        digest = hashlib.sha256(b"pdf 1").hexdigest()[:16]
        response = client.get(f"{path_of(certificate)}/{digest}/certificate.pdf")
        assert response.content == b"pdf 1"
        other = client.get(f"{path_of(certificate)}/{'0' * 16}/certificate.pdf")
        assert other.status_code == 404

    def test_gives_out_the_signed_credential(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        response = client.get(f"{path_of(certificate)}/credential.jws")
        securing = Securing.objects.get(certificate=certificate)
        assert response.content.decode() == securing.content
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        immutable = client.get(f"{path_of(certificate)}/{securing.sha256[:16]}/credential.jws")
        assert immutable.content == response.content
        assert "immutable" in immutable["Cache-Control"]

    @pytest.mark.parametrize("name", ["credential.json", "certificate-a5.pdf", "..", "x"])
    def test_answers_404_for_what_does_not_exist(
        self, name: str, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        response = client.get(f"{path_of(certificate)}/{name}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("name", FILES)
    def test_asks_to_come_back_for_what_is_being_made(
        self, name: str, registry: Registry, client: Client
    ) -> None:
        tokens = [registry.issue().token, registry.completion().token]
        for token in tokens:
            response = client.get(f"/certificates/{token}/{name}")
            assert response.status_code == 503
            assert response["Content-Type"] == "application/problem+json"
            assert response["Retry-After"] == "5"
        page = client.get(f"/certificates/{tokens[0]}/{name}", headers=HTML)
        assert page.status_code == 503
        assert "The file is being prepared" in page.content.decode()

    def test_says_why_a_file_is_held_back(self, registry: Registry, client: Client) -> None:
        certificate = registry.held("The fonts lack U+674E.")
        response = client.get(f"{path_of(certificate)}/certificate.pdf")
        assert response.status_code == 404
        assert response.json()["detail"] == "The fonts lack U+674E."

    def test_asks_to_come_back_when_storage_is_away(
        self, registry: Registry, client: Client
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        OutboxMessage.objects.all().delete()
        away = patch.object(Folder, "_open", side_effect=TimeoutError("no answer"))
        with away, capture_logs() as lines:
            response = client.get(f"{path_of(certificate)}/certificate.pdf")
        assert (response.status_code, response["Retry-After"]) == (503, "30")
        said = [line for line in lines if line["event"] == "files.storage_away"]
        assert [line["log_level"] for line in said] == ["warning"]
        assert not OutboxMessage.objects.exists()
        assert RenderJob.objects.get().state == "done"

    @pytest.mark.parametrize("reason", ["missing", "altered"])
    def test_never_gives_out_what_is_damaged_and_has_it_made_again(
        self, registry: Registry, client: Client, reason: str
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        OutboxMessage.objects.all().delete()
        artifact = Artifact.objects.get(format="pdf")
        stored = Path(default_storage.path(artifact.path))
        if reason == "missing":
            stored.unlink()
        else:
            stored.write_bytes(stored.read_bytes()[:-1])
        counter = metrics.ARTIFACTS_DAMAGED.labels("pdf", reason)
        counted = counter._value.get()
        with capture_logs() as lines:
            answers = [client.get(f"{path_of(certificate)}/certificate.pdf") for _ in range(3)]
        for answer in answers:
            assert (answer.status_code, answer["Retry-After"]) == (503, "15")
            assert answer["Content-Type"] == "application/problem+json"
        assert counter._value.get() == counted + 3
        said = [line for line in lines if line["event"] == "files.damaged"]
        assert [(line["log_level"], line["reason"], line["sha256"]) for line in said] == [
            ("error", reason, artifact.sha256)
        ] * 3
        # Whoever asks again meanwhile makes no further work.
        assert OutboxMessage.objects.get().payload == {"certificate_ids": [str(certificate.pk)]}
        assert RenderJob.objects.get().state == "queued"
        assert client.get(f"{path_of(certificate)}/certificate.png").status_code == 200

    @pytest.mark.parametrize("state", ["failed", "held", "running"])
    def test_leaves_to_operators_what_failed(
        self, registry: Registry, client: Client, state: str
    ) -> None:
        certificate = registry.issue()
        render(certificate)
        OutboxMessage.objects.all().delete()
        RenderJob.objects.update(state=state)
        Path(default_storage.path(Artifact.objects.get(format="pdf").path)).unlink()
        assert client.get(f"{path_of(certificate)}/certificate.pdf").status_code == 503
        assert not OutboxMessage.objects.exists()
        assert RenderJob.objects.get().state == state

    def test_has_no_former_revision_made_again(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        render(certificate)
        render(certificate, revision=2)
        OutboxMessage.objects.all().delete()
        former = Artifact.objects.get(format="pdf", revision=1)
        Path(default_storage.path(former.path)).unlink()
        path = f"{path_of(certificate)}/{former.sha256[:16]}/certificate.pdf"
        answer = client.get(path)
        assert (answer.status_code, "newer one" in answer.json()["detail"]) == (404, True)
        assert not OutboxMessage.objects.exists()

    def test_reads_a_file_once(self, registry: Registry, client: Client) -> None:
        certificate = registry.issue()
        render(certificate)
        opened = patch.object(Folder, "open", autospec=True, side_effect=Folder.open)
        with opened as noted:
            assert client.get(f"{path_of(certificate)}/certificate.pdf").status_code == 200
        assert noted.call_count == 1

    def test_answers_404_for_an_unknown_token(self, db: None, client: Client) -> None:
        response = client.get(f"/certificates/{new_token()}/certificate.pdf")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
