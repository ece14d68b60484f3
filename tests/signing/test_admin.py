"""Operators' screen of keys."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from signing.models import SigningKey
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db


class TestSigningKeys:
    def test_private_parts_are_never_loaded(self) -> None:
        world = make_world()
        client = Client()
        client.force_login(world.root)
        url = reverse("admin:signing_signingkey_changelist")
        change = reverse("admin:signing_signingkey_change", args=[world.here.signing_key.pk])
        for page in (client.get(url), client.get(change)):
            assert page.status_code == 200
            assert b"SEALED-PRIVATE-PART" not in page.content
            assert b"sealed" not in page.content.lower()

    def test_nobody_edits_a_key(self) -> None:
        world = make_world()
        client = Client()
        client.force_login(world.root)
        change = reverse("admin:signing_signingkey_change", args=[world.here.signing_key.pk])
        assert client.post(change, {"state": "destroyed"}).status_code == 403
        delete = reverse("admin:signing_signingkey_delete", args=[world.here.signing_key.pk])
        assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def active() -> SigningKey:
    return SigningKey.objects.get(tenant=None, state=SigningKey.State.ACTIVE)


def page_of(key: SigningKey, page: str = "change") -> str:
    return reverse(f"admin:signing_signingkey_{page}", args=[key.pk])


def client_of(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


class TestStory:
    def test_tells_what_happened_and_what_is_planned(
        self, world: World, active: SigningKey
    ) -> None:
        page = client_of(world.root).get(page_of(active)).content.decode()

        for told in ("Published", "Began to sign", "The next key is published", "planned"):
            assert told in page
        assert "overdue" not in page

    def test_says_what_is_overdue(self, world: World, active: SigningKey) -> None:
        assert active.activated_at is not None
        SigningKey.objects.filter(pk=active.pk).update(
            activated_at=active.activated_at - timedelta(days=91)
        )
        client = client_of(world.root)

        assert "overdue" in client.get(page_of(active)).content.decode()
        overview = client.get(reverse("admin:index")).content.decode()
        assert "<b>1</b> <span>rotations overdue</span>" in overview

    def test_of_the_platform_is_no_panel_of_a_tenant(self, world: World) -> None:
        overview = client_of(world.alice).get(reverse("admin:index")).content.decode()

        assert "rotations overdue" not in overview


class TestRotateNow:
    def test_says_first_when_the_new_key_signs_and_what_happens(
        self, world: World, active: SigningKey
    ) -> None:
        page = client_of(world.root).get(page_of(active, "rotate")).content.decode()

        assert "It signs from" in page
        assert "verify for ever" in page
        assert SigningKey.objects.filter(state=SigningKey.State.NEXT).count() == 0

    def test_publishes_a_next_key(self, world: World, active: SigningKey) -> None:
        answer = client_of(world.root).post(page_of(active, "rotate"), follow=True)

        following = SigningKey.objects.get(state=SigningKey.State.NEXT)
        assert f"Key {following.thumbprint} is published" in answer.content.decode()
        assert following.trigger == "manual"

    def test_needs_a_token_against_forged_requests(self, world: World, active: SigningKey) -> None:
        client = client_of(world.root, enforce_csrf_checks=True)

        assert client.post(page_of(active, "rotate")).status_code == 403

    @pytest.mark.parametrize("act", ["rotate", "dedicate"])
    def test_is_for_superusers_only(self, act: str, world: World, active: SigningKey) -> None:
        own = world.here.signing_key
        SigningKey.objects.filter(pk=own.pk).update(state=SigningKey.State.ACTIVE)
        client = client_of(world.alice)

        for key in (active, own):
            assert client.post(page_of(key, act)).status_code == 403
            assert act not in client.get(page_of(key)).content.decode()

    def test_is_not_offered_for_a_key_that_signs_no_more(self, world: World) -> None:
        page = client_of(world.root).get(page_of(world.here.signing_key)).content.decode()

        assert "Rotate now" not in page


class TestGiveATenantItsOwnKeys:
    def test_publishes_the_tenants_first_key(self, world: World, active: SigningKey) -> None:
        answer = client_of(world.root).post(
            page_of(active, "dedicate"), {"tenant": world.here.tenant.pk}, follow=True
        )

        own = SigningKey.objects.get(state=SigningKey.State.NEXT)
        assert own.tenant == world.here.tenant
        assert own.activates_at - own.published_at == timedelta(days=1)
        assert f"Key {own.thumbprint} is published" in answer.content.decode()

    def test_offers_only_tenants_without(self, world: World, active: SigningKey) -> None:
        client = client_of(world.root)
        tenant = {"tenant": world.here.tenant.pk}
        client.post(page_of(active, "dedicate"), tenant)

        page = client.get(page_of(active, "dedicate")).content.decode()
        form = page[page.index('name="tenant" required id="id_tenant"') :]
        assert world.here.tenant.pk not in form
        assert world.there.tenant.pk in form
        assert client.post(page_of(active, "dedicate"), tenant).status_code == 200
        assert SigningKey.objects.filter(state=SigningKey.State.NEXT).count() == 1
