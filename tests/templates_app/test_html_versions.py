"""Designs in HTML: refused by the line at save, proved at publish, drawn by the same path."""

import io
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from templates_app.branding import store_asset
from templates_app.html_starter import HTML
from templates_app.models import CertificateTemplate, TemplateVersion
from templates_app.preview import CannotPreview, preview_png
from templates_app.publishing import NotPublishable, publish
from templates_app.queries import source_of, wording_of
from templates_app.rendering.drawing import draw_pictures, render_pdf
from templates_app.rendering.html_page import HtmlSource
from templates_app.rendering.og import SIZE, Card
from tenants.models import Tenant
from tenants.roles import Role
from tests.factories.world import World, make_world
from tests.templates_app.designs import ISSUED_AT, VALUES, png, raster, text_of

pytestmark = pytest.mark.django_db
# Words run round the name, so that no line of it stays where it is.
FLOWING = (
    "<style>@page { size: a4; margin: 2cm }</style><p>It is told that {{ recipient_name }} has "
    + "really " * 40
    + 'finished</p><p><img data-field="qr" style="width: 28mm; height: 28mm"></p>'
)
CARD = Card("Harbourline", "certificates.example", ())


@pytest.fixture
def tenant(now: datetime) -> Tenant:
    return Tenant.objects.create(slug="harbourline", name="Harbourline Academy", created_at=now)


def draft(tenant: Tenant, now: datetime, html: str = HTML) -> TemplateVersion:
    template = CertificateTemplate.objects.create(
        tenant=tenant, name="Page", kind=CertificateTemplate.Kind.HTML, created_at=now
    )
    return TemplateVersion.objects.create(
        tenant=tenant, template=template, number=1, layout={}, html=html, created_at=now
    )


class TestPublish:
    def test_keeps_the_verdict_and_the_images_it_names(self, tenant: Tenant, now: datetime) -> None:
        for name in ("logo", "seal"):
            store_asset(tenant=tenant, name=name, upload=png(), now=now)
        html = HTML.replace('<p class="title">', '<p><img src="logo.png" alt=""></p><p>')
        version = publish(version=draft(tenant, now, html), actor="user:1", now=now)
        assert version.verdict is not None
        assert version.verdict["compiled"] is True
        assert list(version.assets) == ["logo"]
        assert version.layout["page"]["width"] == pytest.approx(297, abs=0.5)
        pinned = source_of(TemplateVersion.objects.get(pk=version.pk))
        assert isinstance(pinned, HtmlSource)
        assert [name for name, _ in pinned.images] == ["logo.png"]

    def test_says_why_one_is_laid_out_each_time(self, tenant: Tenant, now: datetime) -> None:
        version = publish(version=draft(tenant, now, FLOWING), actor="user:1", now=now)
        assert version.verdict is not None
        assert version.verdict["compiled"] is False
        assert version.verdict["why"]
        assert any("arabic" in each for each in version.verdict["held"])

    @pytest.mark.parametrize(
        ("html", "reason"),
        [
            ("<p>{{ recipient_name }}</p>", "nobody can check it"),
            ('<p>x</p><img data-field="qr">', "nobody’s name"),
            (HTML + "\n<script>1</script>", "line 18: <script> is not allowed"),
            (HTML + '<p><img src="logo.png"></p>', "no image “logo.png”"),
            (HTML + "<p>x</p>" * 300, "pages instead of one"),
        ],
    )
    def test_refuses_what_cannot_be_used(
        self, html: str, reason: str, tenant: Tenant, now: datetime
    ) -> None:
        version = draft(tenant, now, html)
        with pytest.raises(NotPublishable, match=reason):
            publish(version=version, actor="user:1", now=now)
        version.refresh_from_db()
        assert (version.state, version.verdict) == ("draft", None)


class TestDrawing:
    def test_all_files_come_by_the_path_of_layouts(self, tenant: Tenant, now: datetime) -> None:
        version = draft(tenant, now)
        assert wording_of(version, "cy") == "cy"
        design = source_of(version)
        pdf = render_pdf(
            design=design, values=VALUES, attachments={}, language="en", issued_at=ISSUED_AT
        )
        assert VALUES["recipient_name"] in text_of(pdf)
        made = draw_pictures(
            design=design,
            values=VALUES,
            language="en",
            card=CARD,
            recipient_language="",
            wanted=("png", "thumbnail", "card"),
        )
        sizes = {name: Image.open(io.BytesIO(content)).size for name, content in made.items()}
        assert sizes["card"] == SIZE
        assert (sizes["png"][0], sizes["thumbnail"][0]) == (1600, 640)
        assert sizes["png"][0] / sizes["png"][1] == pytest.approx(297 / 210, rel=0.01)
        picture = Image.open(io.BytesIO(made["png"])).convert("L")
        page = raster(pdf, 1600 / 297).resize(picture.size)
        dark = [sum(each.histogram()[:128]) for each in (picture, page)]
        assert dark[0] == pytest.approx(dark[1], rel=0.05)

    def test_a_draft_with_faults_has_no_picture(self, tenant: Tenant, now: datetime) -> None:
        with pytest.raises(CannotPreview, match="<b2> is not allowed"):
            preview_png(draft(tenant, now, "<b2>x</b2>"))


class TestScreens:
    @pytest.fixture
    def world(self) -> World:
        return make_world()

    @pytest.fixture
    def designer(self, world: World) -> Client:
        client = Client()
        client.force_login(world.here.members[Role.DESIGNER])
        return client

    def test_from_a_new_design_to_its_verdict(self, world: World, designer: Client) -> None:
        form = {"tenant": world.here.tenant.pk, "name": "Page", "kind": "html", "begin_with": ""}
        designer.post(reverse("admin:templates_app_certificatetemplate_add"), form)
        version = TemplateVersion.objects.get(template__name="Page")
        change = reverse("admin:templates_app_templateversion_change", args=[version.pk])
        page = designer.get(change).content.decode()
        assert "recipient_name" in page
        assert "Before this can be published" not in page
        wrong = designer.post(change, {"html": "<p>x</p>\n<script>1</script>"})
        assert "line 2: &lt;script&gt; is not allowed" in wrong.content.decode()
        designer.post(change, {"html": HTML.replace("Certificate<", "Award<")})
        version.refresh_from_db()
        assert "Award" in version.html
        picture = reverse("admin:templates_app_templateversion_preview", args=[version.pk])
        assert designer.get(picture).content.startswith(b"\x89PNG")
        designer.post(reverse("admin:templates_app_templateversion_publish", args=[version.pk]))
        shown = designer.get(change).content.decode()
        assert "Compiled" in shown
        assert "<textarea" not in shown
