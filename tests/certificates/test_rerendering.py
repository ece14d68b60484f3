"""Files held back for want of a font are made when it comes, and not asked for before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import artifacts
from certificates.models import Artifact, Certificate, RenderJob
from certificates.rerendering import render_held
from certificates.topics import RENDER
from outbox.models import OutboxMessage
from templates_app.models import TemplateVersion
from templates_app.rendering import fonts
from tests.certificates.world import add_course, issued
from tests.factories.rows import NOW, make_template, make_tenant, make_version
from tests.templates_app.designs import layout, text
from tests.templates_app.rendering.operators import folder_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held() -> Certificate:
    tenant = make_tenant(slug="harbourline", name="Harbourline Academy")
    published = TemplateVersion.State.PUBLISHED
    make_version(make_template(tenant), state=published, layout=layout(text()))
    add_course(tenant)
    certificate = issued(tenant, recipient_name="ㄅㄆㄇ")
    artifacts.render(certificate_ids=[certificate.pk], now=NOW)
    return certificate


@pytest.fixture
def operators_folder(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "fonts", "Noto Sans TC", "ㄅㄆㄇ ", scripts=["Bopo"])


@pytest.fixture(autouse=True)
def own_fonts_again() -> Iterator[None]:
    yield
    fonts.use_directories([])


def asked() -> int:
    return OutboxMessage.objects.filter(task=RENDER).count()


class TestRenderHeld:
    def test_asks_for_nothing_while_the_fonts_are_the_same(self, held: Certificate) -> None:
        before = asked()
        assert render_held(now=NOW) == 0
        assert asked() == before
        job = RenderJob.objects.get(certificate=held)
        assert job.state == RenderJob.State.HELD
        assert "Bopomofo" in job.reason

    def test_makes_the_files_when_the_font_comes(
        self, held: Certificate, operators_folder: Path
    ) -> None:
        before = asked()
        fonts.use_directories([operators_folder])
        assert render_held(now=NOW) == 1
        assert render_held(now=NOW) == 0
        assert asked() == before + 1
        artifacts.render(certificate_ids=[held.pk], now=NOW)
        assert RenderJob.objects.get().state == RenderJob.State.DONE
        assert set(Artifact.objects.values_list("format", flat=True)) >= {
            "pdf",
            "png",
            "openbadges",
        }

    def test_asks_once_for_a_font_that_does_not_help(
        self, held: Certificate, tmp_path: Path
    ) -> None:
        folder = folder_of(tmp_path / "other", "Noto Sans TC", "ㄪ", scripts=["Bopo"])
        fonts.use_directories([folder])
        assert render_held(now=NOW) == 1
        artifacts.render(certificate_ids=[held.pk], now=NOW)
        assert RenderJob.objects.get().state == RenderJob.State.HELD
        assert render_held(now=NOW) == 0
