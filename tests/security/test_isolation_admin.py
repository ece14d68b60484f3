"""Three people walk every admin screen: nothing of one tenant shows in another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import get_fields_from_path
from django.test import Client
from django.urls import reverse

from certificates.models import Case, Resigning
from domains.models import DomainProof
from observability.models import AuditRecord
from tenants.admin import SuperusersUserAdmin
from tenants.models import Membership, User
from tenants.roles import Role
from tenants.scoped_admin import TenantScopedAdmin
from tests.factories.world import Place, World, make_world
from verification.models import Anomaly, Rollup

pytestmark = pytest.mark.django_db

ADMINS = list(admin.site._registry.values())
SCOPED = [one for one in ADMINS if isinstance(one, TenantScopedAdmin)]
# Their lists show sums and no single row: tests/verification/test_admin.py compares the sums.
SUMS = {"verification.rollup"}
LISTED = [one for one in SCOPED if one.opts.label_lower not in SUMS]


def name_of(model_admin: ModelAdmin[Any]) -> str:
    return model_admin.opts.label_lower


def address(model_admin: ModelAdmin[Any], page: str, *args: Any) -> str:
    opts = model_admin.opts
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


@pytest.fixture
def world() -> World:
    world = make_world()
    for place in (world.here, world.there):
        AuditRecord.objects.create(
            tenant_id=place.tenant.pk,
            sequence=1,
            recorded_at=place.tenant.created_at,
            actor="tests",
            event="certification.template.updated",
            payload=f'{{"template_id":"{place.marker}"}}',
            prev_hash="0" * 64,
            hash="0" * 64,
        )
        Case.objects.create(
            tenant=place.tenant,
            certificate=place.certificate,
            kind=Case.Kind.CORRECTION,
            wanted_name=f"Ada {place.marker} King",
            created_at=place.tenant.created_at,
        )
        DomainProof.objects.create(
            tenant=place.tenant,
            domain=f"{place.marker.lower()}.org",
            reason=f"of {place.marker}",
            created_at=place.tenant.created_at,
        )
        Rollup.objects.create(
            tenant=place.tenant,
            certificate=place.certificate,
            hour=place.tenant.created_at,
            result="issued",
            country="CH",
            ua_class="monitor",
        )
        Anomaly.objects.create(
            tenant=place.tenant,
            certificate=place.certificate,
            kind="token_burst",
            fingerprint=f"{place.marker}-token",
            started_at=place.tenant.created_at,
            last_seen_at=place.tenant.created_at,
            count=10_000,
        )
        Resigning.objects.create(
            tenant=place.tenant,
            kid=f"{place.marker}-stolen",
            since=place.tenant.created_at,
            total=1,
            late=1,
            started_at=place.tenant.created_at,
            updated_at=place.tenant.created_at,
        )
    return world


def rows_of(place: Place) -> dict[str, Any]:
    """A row of each registered model; a new screen has to say which row the walk may use."""
    return {
        "tenants.tenant": place.tenant,
        "tenants.membership": Membership.objects.get(user=place.owner),
        "tenants.apikey": place.key,
        "observability.auditrecord": AuditRecord.objects.get(tenant_id=place.tenant.pk),
        "templates_app.certificatetemplate": place.template,
        "templates_app.templateversion": place.draft,
        "templates_app.asset": place.asset,
        "templates_app.ownfont": place.font,
        "certificates.courseversion": place.course,
        "certificates.completion": place.completion,
        "certificates.certificate": place.certificate,
        "certificates.case": Case.objects.get(tenant=place.tenant),
        "certificates.resigning": Resigning.objects.get(tenant=place.tenant),
        "certificates.renderjob": place.certificate.render_job,
        "outbox.outboxmessage": place.message,
        "domains.domainproof": DomainProof.objects.get(tenant=place.tenant),
        "mail.sender": place.sender,
        "mail.email": place.email,
        "signing.signingkey": place.signing_key,
        "verification.rollup": Rollup.objects.get(tenant=place.tenant),
        "verification.anomaly": Anomaly.objects.get(tenant=place.tenant),
    }


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pages_of_a_row(model_admin: TenantScopedAdmin, row: Any) -> Iterator[str]:
    for page in ("change", "delete", "history"):
        yield address(model_admin, page, row.pk)
    for act in model_admin.acts:
        yield address(model_admin, act.name, row.pk)
    extra = {
        "templates_app.templateversion": "preview",
        "templates_app.asset": "image",
        "templates_app.ownfont": "specimen",
    }
    if name_of(model_admin) in extra:
        yield address(model_admin, extra[name_of(model_admin)], row.pk)


class TestRegistry:
    @pytest.mark.parametrize("model_admin", ADMINS, ids=name_of)
    def test_knows_only_scoped_screens(self, model_admin: ModelAdmin[Any]) -> None:
        if model_admin.model is User:
            assert isinstance(model_admin, SuperusersUserAdmin)
        else:
            assert isinstance(model_admin, TenantScopedAdmin)

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_scopes_inlines_filters_and_actions(self, model_admin: TenantScopedAdmin) -> None:
        assert not model_admin.inlines, "an inline needs a scoped base of its own first"
        assert not model_admin.view_on_site
        for entry in model_admin.list_filter:
            # Related rows are filtered by `related_filters`, which offer scoped choices only.
            name = entry[0] if isinstance(entry, tuple) else entry
            if isinstance(name, str):
                assert not get_fields_from_path(model_admin.model, name)[-1].is_relation

    def test_has_no_address_that_reaches_any_row(self) -> None:
        names = {getattr(url, "name", "") for url in admin.site.get_urls()}
        assert "view_on_site" not in names

    def test_is_walked_completely(self, world: World) -> None:
        assert set(rows_of(world.here)) == {name_of(one) for one in SCOPED}


class TestWalk:
    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_alice_sees_her_own_rows_only(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        client = signed_in(world.alice)
        row = rows_of(world.here)[name_of(model_admin)]
        for url in (address(model_admin, "changelist"), address(model_admin, "change", row.pk)):
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert world.there.marker.encode() not in answer.content, url
        if model_admin in LISTED:
            assert str(row.pk).encode() in client.get(address(model_admin, "changelist")).content

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_charlie_reaches_nothing_of_alice(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        client = signed_in(world.charlie)
        row = rows_of(world.here)[name_of(model_admin)]
        before = model_admin.model._default_manager.filter(pk=row.pk).values().get()
        marker = world.here.marker.encode()
        for url in (address(model_admin, "changelist"), *pages_of_a_row(model_admin, row)):
            for answer in (client.get(url), client.post(url, {"post": "yes"})):
                if url != address(model_admin, "changelist"):
                    assert answer.status_code in (302, 403, 404), url
                assert marker not in answer.content, url
        assert model_admin.model._default_manager.filter(pk=row.pk).values().get() == before

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_charlie_is_offered_nothing_of_alice(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        client = signed_in(world.charlie)
        answer = client.get(address(model_admin, "add"))
        assert answer.status_code in (200, 403)
        assert world.here.marker.encode() not in answer.content
        assert world.here.tenant.pk.encode() not in answer.content

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_charlie_s_actions_and_search_do_not_reach_alice(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        client = signed_in(world.charlie)
        row = rows_of(world.here)[name_of(model_admin)]
        url = address(model_admin, "changelist")
        before = model_admin.model._default_manager.filter(pk=row.pk).values().get()
        for action in model_admin.actions or ["none"]:
            client.post(url, {"action": action, "_selected_action": [str(row.pk)], "index": 0})
        assert model_admin.model._default_manager.filter(pk=row.pk).values().get() == before
        if model_admin.search_fields:
            for text in (world.here.marker, str(row.pk)):
                found = client.get(url, {"q": text})
                assert f"/{row.pk}/change/".encode() not in found.content

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_bob_changes_nothing(self, world: World, model_admin: TenantScopedAdmin) -> None:
        client = signed_in(world.bob)
        row = rows_of(world.here)[name_of(model_admin)]
        before = model_admin.model._default_manager.filter(pk=row.pk).values().get()
        assert client.get(address(model_admin, "add")).status_code == 403
        for url in pages_of_a_row(model_admin, row):
            answer = client.post(url, {"post": "yes"})
            assert answer.status_code in (302, 403, 404, 405, 200), url
        assert model_admin.model._default_manager.filter(pk=row.pk).values().get() == before

    @pytest.mark.parametrize("model_admin", SCOPED, ids=name_of)
    def test_somebody_without_a_tenant_sees_nothing(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        nobody = User.objects.create_user("nobody", is_staff=True)
        assert signed_in(nobody).get(address(model_admin, "changelist")).status_code == 403

    @pytest.mark.parametrize("model_admin", LISTED, ids=name_of)
    def test_a_superuser_sees_both_until_acting_for_one(
        self, world: World, model_admin: TenantScopedAdmin
    ) -> None:
        client = signed_in(world.root)
        url = address(model_admin, "changelist")
        both = client.get(url).content
        assert str(rows_of(world.here)[name_of(model_admin)].pk).encode() in both
        assert str(rows_of(world.there)[name_of(model_admin)].pk).encode() in both
        client.post(reverse("admin:acting"), {"tenant": world.there.tenant.pk})
        one = client.get(url).content
        assert f"/{rows_of(world.here)[name_of(model_admin)].pk}/change/".encode() not in one
        assert b"Acting in <bdi>Quillon Academy</bdi>" in one

    def test_autocomplete_offers_only_own_rows(self, world: World) -> None:
        client = signed_in(world.charlie)
        for app, model, name in (
            ("certificates", "courseversion", "template"),
            ("certificates", "certificate", "course_version"),
        ):
            answer = client.get(
                reverse("admin:autocomplete"),
                {"app_label": app, "model_name": model, "field_name": name, "term": ""},
            )
            assert answer.status_code in (200, 403)
            assert world.here.marker.encode() not in answer.content

    def test_accounts_are_for_superusers(self, world: World) -> None:
        url = reverse("admin:tenants_user_changelist")
        assert signed_in(world.alice).get(url).status_code == 403
        assert signed_in(world.root).get(url).status_code == 200

    def test_history_is_the_row_s_own(self, world: World) -> None:
        url = reverse("admin:tenants_apikey_revoke", args=[world.here.key.pk])
        signed_in(world.alice).post(url)
        history = reverse("admin:tenants_apikey_history", args=[world.here.key.pk])
        assert b"Revoke this key" in signed_in(world.alice).get(history).content
        assert signed_in(world.charlie).get(history).status_code == 302


class TestCrossing:
    def test_a_row_cannot_be_added_to_another_tenant(self, world: World) -> None:
        client = signed_in(world.charlie)
        form = {
            "tenant": world.here.tenant.pk,
            "title": "Intruder",
            "course_id": "x",
            "version_id": "x",
            "language": "en",
            "award_on": "completed",
            "external_ids": "{}",
            "custom": "{}",
        }
        url = reverse("admin:certificates_courseversion_add")
        assert b"Select a valid choice" in client.post(url, form).content
        added = client.post(url, {**form, "tenant": world.there.tenant.pk})
        assert added.status_code == 302
        assert world.there.course.__class__.objects.filter(title="Intruder").count() == 1

    def test_not_even_a_superuser_joins_rows_of_two_tenants(self, world: World) -> None:
        client = signed_in(world.root)
        url = reverse("admin:certificates_courseversion_change", args=[world.here.course.pk])
        form = {
            "title": "T",
            "course_id": "x",
            "language": "en",
            "award_on": "completed",
            "external_ids": "{}",
            "custom": "{}",
            "template": world.there.template.pk,
        }
        answer = client.post(url, form)
        assert b"belongs to another organisation" in answer.content

    @pytest.mark.parametrize(
        ("role", "status"), [(Role.ISSUER, 200), (Role.SUPPORT, 403), (Role.DESIGNER, 403)]
    )
    def test_revoking_asks_the_role(self, world: World, role: Role, status: int) -> None:
        client = signed_in(world.here.members[role])
        url = reverse("admin:certificates_certificate_revoke", args=[world.here.certificate.pk])
        assert client.get(url).status_code == status

    def test_a_forged_choice_of_tenant_is_refused(self, world: World) -> None:
        client = signed_in(world.charlie)
        answer = client.post(reverse("admin:acting"), {"tenant": world.here.tenant.pk})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 60_000},
        {"q": "http://["},
        {"q": "\x00"},
        {"issued_at__year": "0"},
        {"accepted_at__year": "0"},
        {"accepted_at__year": "99999"},
        {"accepted_at__year": "x"},
        {"updated_at__year__gte": "0"},
        {"created_at__year__lt": "99999"},
        {"p": "9" * 30},
        {"o": "-99.x"},
        {"_to_field": "secret_sha256"},
    ],
)
def test_no_query_breaks_a_list(world: World, query: dict[str, str]) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.alice)
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(url, query).status_code in {200, 302, 400, 403}, url
