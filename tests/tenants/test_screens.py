"""Screens of tenants, and the frame all screens share."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from templates_app.gallery import harbour
from tenants.api_keys import parse_api_key, secret_sha256
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.onboarding import create_api_key
from tenants.roles import Role
from tests.factories.rows import NOW, PASSWORD, make_member
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestFrame:
    def test_a_browser_s_own_form_signs_in(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True)
        page = client.get(reverse("admin:login"))
        # Anything stricter and browsers send "Origin: null", which is refused.
        assert page["Referrer-Policy"] == "same-origin"
        answer = client.post(
            reverse("admin:login"),
            {
                "username": world.alice.username,
                "password": PASSWORD,
                "csrfmiddlewaretoken": page.cookies["csrftoken"].value,
            },
            headers={"Origin": "http://testserver"},
        )
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        "name", ["admin:index", "admin:certificates_certificate_changelist", "admin:login"]
    )
    def test_has_nothing_inline(self, world: World, name: str) -> None:
        page = signed_in(world.alice).get(reverse(name), follow=True).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)

    def test_members_of_one_tenant_are_not_asked_to_choose(self, world: World) -> None:
        page = signed_in(world.alice).get(reverse("admin:index")).content
        assert b"<bdi>Zephyrine Academy</bdi>" in page
        assert b"acting-tenant" not in page

    def test_a_person_of_two_tenants_narrows_to_one(self, world: World) -> None:
        Membership.objects.create(
            tenant=world.there.tenant,
            user=world.alice,
            role=Role.AUDITOR.value,
            created_at=world.there.tenant.created_at,
        )
        client = signed_in(world.alice)
        url = reverse("admin:certificates_certificate_changelist")
        assert b"Quillon" in client.get(url).content
        client.post(reverse("admin:acting"), {"tenant": world.here.tenant.pk})
        assert b"Ada Quillon" not in client.get(url).content

    def test_a_role_holds_only_in_its_own_tenant(self, world: World) -> None:
        Membership.objects.create(
            tenant=world.there.tenant,
            user=world.alice,
            role=Role.AUDITOR.value,
            created_at=world.there.tenant.created_at,
        )
        url = reverse("admin:certificates_certificate_revoke", args=[world.there.certificate.pk])
        assert signed_in(world.alice).post(url).status_code == 403


class TestDemoPeople:
    @pytest.mark.parametrize(("embedded", "signed"), [(True, 200), (False, 302)])
    def test_are_let_in_by_the_demo_and_refused_by_production(
        self, world: World, settings: Settings, embedded: bool, signed: int
    ) -> None:
        User.objects.filter(pk=world.alice.pk).update(is_demo=True)
        client = Client()
        assert client.login(username=world.alice.username, password=PASSWORD)
        settings.EMBEDDED = embedded
        assert client.get(reverse("admin:index")).status_code == signed
        again = Client().login(username=world.alice.username, password=PASSWORD)
        assert again is embedded

    def test_have_keys_that_production_refuses(self, world: World, settings: Settings) -> None:
        _, text = create_api_key(
            tenant=world.here.tenant, name="demo", scopes=["certificates:read"], now=NOW
        )
        ApiKey.objects.filter(name="demo").update(is_demo=True)
        bearer = {"Authorization": f"Bearer {text}"}
        assert Client().get("/api/v1/certificates", headers=bearer).status_code == 200
        settings.EMBEDDED = False
        assert Client().get("/api/v1/certificates", headers=bearer).status_code == 401


class TestOverview:
    def test_counts_only_the_own_tenant(
        self, world: World, django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in(world.alice)
        with django_assert_max_num_queries(12):
            page = client.get(reverse("admin:index")).content.decode()
        assert re.search(r"<b>1</b> <span>parked after too many failures", page)

    def test_every_number_leads_to_its_list(self, world: World) -> None:
        client = signed_in(world.root)
        page = client.get(reverse("admin:index")).content.decode()
        links = re.findall(r'<a href="([^"]+)"><b>', page)
        assert len(links) >= 10
        for link in links:
            answer = client.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, link
            assert "e=1" not in answer.request["QUERY_STRING"]


class TestApiKeys:
    def test_the_text_is_shown_once_and_kept_nowhere(self, world: World) -> None:
        client = signed_in(world.alice)
        answer = client.post(
            reverse("admin:tenants_apikey_add"),
            {"tenant": world.here.tenant.pk, "name": "New LMS", "scopes": ["claims:read"]},
        )
        found = re.search(r"cert_live_\w+", answer.content.decode())
        assert found
        text = found[0]
        assert "no-store" in answer["Cache-Control"]
        key = ApiKey.objects.get(name="New LMS")
        assert key.key_id == parse_api_key(text)[0]
        assert key.secret_sha256 == secret_sha256(text)
        for name, args in (("changelist", []), ("change", [key.pk]), ("history", [key.pk])):
            page = client.get(reverse(f"admin:tenants_apikey_{name}", args=args)).content.decode()
            assert text.split("_")[3] not in page

    def test_cannot_be_made_for_another_tenant(self, world: World) -> None:
        form = {"tenant": world.there.tenant.pk, "name": "Thief", "scopes": ["claims:read"]}
        signed_in(world.alice).post(reverse("admin:tenants_apikey_add"), form)
        assert not ApiKey.objects.filter(name="Thief").exists()

    def test_revoking_is_final(self, world: World) -> None:
        client = signed_in(world.alice)
        url = reverse("admin:tenants_apikey_revoke", args=[world.here.key.pk])
        assert b"This is final" in client.get(url).content
        client.post(url)
        assert ApiKey.objects.get(pk=world.here.key.pk).revoked_at is not None
        change = reverse("admin:tenants_apikey_change", args=[world.here.key.pk])
        client.post(change, {"name": "Renamed", "revoked_at": ""})
        assert ApiKey.objects.get(pk=world.here.key.pk).revoked_at is not None


class TestMembers:
    def test_an_owner_adds_somebody_with_a_role(self, world: World) -> None:
        form = {
            "tenant": world.here.tenant.pk,
            "username": "grace",
            "password": "a long password",
            "role": "issuer",
        }
        signed_in(world.alice).post(reverse("admin:tenants_membership_add"), form)
        membership = Membership.objects.get(user__username="grace")
        assert (membership.tenant, membership.role) == (world.here.tenant, "issuer")
        assert not membership.user.is_superuser

    def test_refuses_a_taken_name_and_a_weak_password(self, world: World) -> None:
        form = {"tenant": world.here.tenant.pk, "username": world.charlie.username.upper()}
        form |= {"password": "short", "role": "issuer"}
        page = signed_in(world.alice).post(reverse("admin:tenants_membership_add"), form).content
        assert b"This user name is taken" in page
        assert b"too short" in page

    def test_nobody_takes_their_own_role_away(self, world: World) -> None:
        own = Membership.objects.get(user=world.alice)
        client = signed_in(world.alice)
        client.post(reverse("admin:tenants_membership_change", args=[own.pk]), {"role": "support"})
        client.post(reverse("admin:tenants_membership_delete", args=[own.pk]), {"post": "yes"})
        assert Membership.objects.get(user=world.alice).role == "owner"

    def test_an_owner_removes_somebody_else(self, world: World) -> None:
        other = Membership.objects.get(user=world.bob)
        client = signed_in(world.alice)
        client.post(reverse("admin:tenants_membership_delete", args=[other.pk]), {"post": "yes"})
        assert (
            signed_in(world.bob).get(reverse("admin:tenants_tenant_changelist")).status_code == 403
        )

    def test_nobody_else_adds_members(self, world: World) -> None:
        for role in set(Role) - {Role.OWNER}:
            client = signed_in(world.here.members[role])
            assert client.get(reverse("admin:tenants_membership_add")).status_code == 403


class TestTenant:
    def form(self, world: World, **changes: str) -> dict[str, str]:
        return {
            "name": "Zephyrine Academy",
            "language": "en",
            "direction": "ltr",
            "time_zone": "UTC",
            "primary": "#112233",
        } | changes

    def test_an_owner_edits_it(self, world: World) -> None:
        url = reverse("admin:tenants_tenant_change", args=[world.here.tenant.pk])
        signed_in(world.alice).post(url, self.form(world, slug="stolen", is_sample="on"))
        tenant = Tenant.objects.get(pk=world.here.tenant.pk)
        assert tenant.colours["primary"] == "#112233"
        assert tenant.slug == "zephyr"
        assert not tenant.is_sample

    def test_picks_what_designs_are_drawn_in_where_none_was_picked(self, world: World) -> None:
        url = reverse("admin:tenants_tenant_change", args=[world.here.tenant.pk])
        form = signed_in(world.alice).get(url).context["adminform"].form
        theme = harbour(colours={}, signers=[], assets=[])["theme"]["colours"]
        assert {name: form.initial[name] for name in theme} == theme

    @pytest.mark.parametrize("name", ["Zephyrine\u202e", "Zephy\u0085rine", "\u2066Zephyrine"])
    def test_refuses_control_characters(self, world: World, name: str) -> None:
        url = reverse("admin:tenants_tenant_change", args=[world.here.tenant.pk])
        page = signed_in(world.alice).post(url, self.form(world, name=name)).content
        assert b"control character" in page

    def test_only_superusers_bring_in_another(self, world: World) -> None:
        form = self.form(world, slug="third", name="Third")
        url = reverse("admin:tenants_tenant_add")
        assert signed_in(world.alice).post(url, form).status_code == 403
        assert signed_in(world.root).post(url, form).status_code == 302
        assert Tenant.objects.get(slug="third").colours["primary"] == "#112233"


def test_two_owners_may_part(world: World) -> None:
    second = make_member(world.here.tenant, Role.OWNER, "second-owner")
    url = reverse(
        "admin:tenants_membership_delete", args=[Membership.objects.get(user=world.alice).pk]
    )
    signed_in(second).post(url, {"post": "yes"})
    assert not Membership.objects.filter(user=world.alice).exists()
