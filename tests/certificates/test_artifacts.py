"""Files: one that cannot be made stops no other, and a torn one is never taken for whole."""

import errno
import hashlib
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from certificates import artifacts, files, keeping, paper, render_jobs, rerendering, topics
from certificates.folder import Folder
from certificates.models import Artifact, Certificate, RenderJob
from certificates.queries import artifacts_of
from observability import metrics
from outbox.models import OutboxMessage
from outbox.running import TryLater
from templates_app.drafting import start_draft
from templates_app.html_starter import HTML
from templates_app.models import CertificateTemplate
from templates_app.publishing import publish
from templates_app.rendering.still import CannotLayOut
from tests.certificates.drawing import drawn_quickly
from tests.certificates.world import issue_all, issuing_tenant
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn() -> Any:
    """Draw quickly."""
    with drawn_quickly():
        yield


def states() -> list[str]:
    return list(RenderJob.objects.order_by("pk").values_list("state", flat=True))


class TestRenderAnew:
    def test_queues_what_is_done_and_the_message_says_so(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        OutboxMessage.objects.all().delete()
        assert rerendering.render_again(certificate_ids=[made.pk], now=NOW) == 0
        assert rerendering.render_anew(certificate_ids=[made.pk], now=NOW) == 1
        assert states() == ["queued"]
        message = OutboxMessage.objects.get()
        assert (message.task, message.payload["anew"]) == (topics.RENDER, True)


class TestLetter:
    def test_is_made_when_asked_for_beside_the_first_paper(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert not Artifact.objects.filter(paper="letter").exists()
        for _ in range(2):
            with patch.object(artifacts, "render_pdf", lambda **k: b"%PDF " + k["paper"].encode()):
                artifacts.render(certificate_ids=[made.pk], now=NOW, paper="letter")
        assert Artifact.objects.count() == 7
        kept = Artifact.objects.get(paper="letter")
        assert (kept.format, kept.revision, states()) == ("pdf", 1, ["done"])
        assert files.find(made, "certificate-letter.pdf").content == b"%PDF letter"
        assert files.find(made, "certificate.pdf").content == f"%PDF {made.pk}".encode()

    def test_is_drawn_anew_with_the_rest_where_there_is_one(self, drawn: Any) -> None:
        one, other = issue_all(issuing_tenant(), 2)
        artifacts.render(certificate_ids=[one.pk, other.pk], now=NOW)
        artifacts.render(certificate_ids=[one.pk], now=NOW, paper="letter")
        with patch.object(artifacts, "render_pdf", lambda **k: b"%PDF anew" + k["paper"].encode()):
            artifacts.render(certificate_ids=[one.pk, other.pk], now=NOW, anew=True)
        assert files.find(one, "certificate-letter.pdf").content == b"%PDF anewletter"
        assert [kept.certificate_id for kept in Artifact.objects.filter(paper="letter")] == [
            one.pk,
            one.pk,
        ]

    def test_that_cannot_be_laid_out_spoils_no_other_file(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        fault = CannotLayOut("boom")
        with patch.object(artifacts, "render_pdf", side_effect=fault):
            artifacts.render(certificate_ids=[made.pk], now=NOW, paper="letter")
        assert states() == ["failed"]
        assert files.find(made, "certificate.pdf").content.startswith(b"%PDF")
        assert not paper.ask_for_letter(certificate=made, now=NOW)


class TestRender:
    def test_one_that_cannot_be_made_stops_no_other(self, drawn: Any) -> None:
        made = sorted(issue_all(issuing_tenant(), 3), key=lambda one: one.pk)

        def failing(**named: Any) -> Any:
            if named["values"]["certificate_id"] == str(made[0].pk):
                raise ZeroDivisionError
            return b"%PDF " + named["values"]["certificate_id"].encode()

        with (
            patch.object(artifacts, "render_pdf", failing),
            pytest.raises(ZeroDivisionError),
        ):
            artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["failed", "done", "done"]
        artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["done", "done", "done"]
        assert Artifact.objects.count() == 18

    def test_counts_a_failure_under_the_format_that_failed(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        counted = metrics.RENDER_FAILURES.labels("png", "other")._value.get()
        with (
            patch.object(artifacts, "draw_pictures", side_effect=MemoryError),
            pytest.raises(MemoryError),
        ):
            artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert metrics.RENDER_FAILURES.labels("png", "other")._value.get() == counted + 1
        there = set(Artifact.objects.values_list("format", flat=True))
        assert there == {"openbadges", "badge-svg", "pdf"}

    def test_draws_no_pdf_where_only_a_picture_is_missing(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        Artifact.objects.filter(format="png").delete()
        with patch.object(artifacts, "render_pdf", side_effect=AssertionError):
            artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert Artifact.objects.filter(format="png").count() == 1
        assert Artifact.objects.count() == 6

    def test_anew_keeps_what_differs_as_a_further_revision(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        before = set(Artifact.objects.values_list("pk", "sha256", "path"))
        for _ in range(2):  # a message that comes twice
            with patch.object(artifacts, "render_pdf", lambda **_: b"%PDF drawn better"):
                artifacts.render(certificate_ids=[made.pk], now=NOW, anew=True)
        assert before < set(Artifact.objects.values_list("pk", "sha256", "path"))
        new = Artifact.objects.get(revision=2)
        assert (new.format, new.sha256) == ("pdf", hashlib.sha256(b"%PDF drawn better").hexdigest())
        assert Artifact.objects.count() == 7
        assert files.find(made, "certificate.pdf").content == b"%PDF drawn better"
        old = Artifact.objects.get(format="pdf", revision=1)
        assert files.find(made, "certificate.pdf", digest=old.sha256[:16]).sha256 == old.sha256

    def test_a_design_at_fault_is_named_and_not_tried_again(self, drawn: Any) -> None:
        made = issue_all(issuing_tenant(), 2)
        fault = CannotLayOut("2 of 3 images could not be drawn")
        counted = metrics.RENDER_FAILURES.labels("pdf", "layout")._value.get()
        with patch.object(artifacts, "render_pdf", side_effect=fault):
            artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["failed", "failed"]
        assert "2 of 3 images" in RenderJob.objects.all()[0].reason
        assert metrics.RENDER_FAILURES.labels("pdf", "layout")._value.get() == counted + 2

    def test_a_design_that_was_stopped_is_tried_three_times(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        stopped = CannotLayOut("took longer than 10 seconds", "timeout")
        with patch.object(artifacts, "render_pdf", side_effect=stopped):
            for _ in range(2):
                with pytest.raises(CannotLayOut):
                    artifacts.render(certificate_ids=[made.pk], now=NOW)
            artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert states() == ["failed"]

    def test_ends_drawing_that_loops(self, drawn: Any) -> None:
        poison, other = sorted(issue_all(issuing_tenant(), 2), key=lambda one: one.pk)

        def loop(**named: Any) -> bytes:
            while named["values"]["certificate_id"] == str(poison.pk):
                pass
            return b"%PDF"

        with (
            patch.object(artifacts, "_MOST_SECONDS", 0.5),
            patch.object(artifacts, "render_pdf", loop),
            pytest.raises(CannotLayOut, match=r"more than 0\.5 seconds"),
        ):
            artifacts.render(certificate_ids=[poison.pk, other.pk], now=NOW)
        assert states() == ["failed", "done"]

    def test_leaves_alone_what_killed_its_process_three_times(self, drawn: Any) -> None:
        poison, other = sorted(issue_all(issuing_tenant(), 2), key=lambda one: one.pk)
        counted = metrics.RENDER_FAILURES.labels("pdf", "resource_limit")._value.get()
        for _ in range(3):
            with (
                patch.object(artifacts, "render_pdf", side_effect=SystemExit),  # no word after it
                pytest.raises(SystemExit),
            ):
                artifacts.render(certificate_ids=[poison.pk, other.pk], now=NOW)
        artifacts.render(certificate_ids=[poison.pk, other.pk], now=NOW)
        assert states() == ["failed", "done"]
        job = RenderJob.objects.get(pk=poison.pk)
        assert (job.attempts, job.reason) == (3, "pdf: each of 3 processes that drew it died")
        assert metrics.RENDER_FAILURES.labels("pdf", "resource_limit")._value.get() == counted + 1
        # An operator may ask again, once the cause is gone.
        rerendering.render_again(certificate_ids=[poison.pk], now=NOW)
        artifacts.render(certificate_ids=[poison.pk], now=NOW)
        assert states() == ["done", "done"]

    @pytest.mark.parametrize("paper_of", ["a4", "letter"])
    @pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"%PDF torn")])
    def test_puts_back_what_was_damaged(self, drawn: Any, harm: Any, paper_of: str) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        with patch.object(artifacts, "render_pdf", lambda **k: b"%PDF " + k["paper"].encode()):
            artifacts.render(certificate_ids=[made.pk], now=NOW, paper="letter")
            before = list(Artifact.objects.order_by("pk").values())
            kept = Artifact.objects.get(format="pdf", paper=paper_of)
            harm(Path(default_storage.path(kept.path)))
            with pytest.raises(keeping.Unfit):
                keeping.recall(kept)
            with patch.object(artifacts, "draw_pictures", side_effect=AssertionError):
                artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert keeping.recall(kept).startswith(b"%PDF ")
        assert list(Artifact.objects.order_by("pk").values()) == before

    def test_keeps_another_revision_where_the_same_cannot_be_made(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        lost = Artifact.objects.get(format="pdf")
        Path(default_storage.path(lost.path)).unlink()
        with patch.object(artifacts, "render_pdf", lambda **_: b"%PDF by newer code"):
            artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert Artifact.objects.get(revision=2).format == "pdf"
        assert files.find(made, "certificate.pdf").content == b"%PDF by newer code"
        assert Artifact.objects.count() == 7

    def test_waits_for_storage_and_says_so(self, drawn: Any) -> None:
        made = issue_all(issuing_tenant(), 2)
        counter = metrics.RENDER_FAILURES.labels("openbadges", "storage")
        counted = counter._value.get()
        full = OSError(errno.ENOSPC, "No space left on device")
        with (
            patch.object(Folder, "_save", side_effect=full),
            pytest.raises(TryLater, match="No space left"),
        ):
            artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["queued", "queued"]
        assert "No space left" in RenderJob.objects.all()[0].reason
        assert counter._value.get() == counted + 2
        assert not Artifact.objects.exists()
        artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["done", "done"]

    def test_a_database_without_room_is_no_death_of_the_process(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        move = render_jobs.move

        def full_at_the_end(job: RenderJob, state: RenderJob.State, **rest: Any) -> None:
            if state != RenderJob.State.RUNNING:
                raise OperationalError("database or disk is full")
            move(job, state, **rest)

        for _ in range(4):
            with patch.object(artifacts, "move", full_at_the_end), pytest.raises(OperationalError):
                artifacts.render(certificate_ids=[made.pk], now=NOW)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert states() == ["done"]

    def test_one_that_waits_is_not_given_up_for_another_at_fault(self, drawn: Any) -> None:
        made = sorted(issue_all(issuing_tenant(), 2), key=lambda one: one.pk)
        with (
            patch.object(artifacts, "draw_badge", side_effect=[ZeroDivisionError, b"badge"]),
            patch.object(Folder, "_save", side_effect=OSError(errno.ENOSPC, "full")),
            pytest.raises(TryLater),
        ):
            artifacts.render(certificate_ids=[one.pk for one in made], now=NOW)
        assert states() == ["failed", "queued"]

    def test_writes_a_file_again_that_a_killed_process_left_torn(self, drawn: Any) -> None:
        (made,) = issue_all(issuing_tenant(), 1)
        content = b"%PDF " + str(made.pk).encode()
        digest = hashlib.sha256(content).hexdigest()
        torn = Path(default_storage.path(f"artifacts/{digest[:2]}/{digest}.pdf"))
        torn.parent.mkdir(parents=True)
        torn.write_bytes(content[:10])
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        kept = Artifact.objects.get(certificate=Certificate.objects.get(), format="pdf")
        with default_storage.open(kept.path) as file:
            assert file.read() == content


class TestHtml:
    def test_a_design_in_html_is_drawn_as_layouts_are(self) -> None:
        tenant = issuing_tenant()
        template = CertificateTemplate.objects.get(is_default=True, tenant=tenant)
        draft = start_draft(template=template, html=HTML, now=NOW)
        publish(version=draft, actor="system", now=NOW)
        (made,) = issue_all(tenant, 1)
        artifacts.render(certificate_ids=[made.pk], now=NOW)
        assert states() == ["done"]
        assert set(artifacts_of(made)) >= {"pdf", "png", "thumbnail", "card"}
