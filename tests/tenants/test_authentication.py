"""The door of the API: keys, and the scopes they carry."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from tenants.api_keys import make_api_key
from tenants.models import ApiKey
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db


class Reading(APIView):
    required_scopes = {"GET": "certificates:read", "DELETE": "certificates:read claims:read"}

    def get(self, request: Request) -> Response:
        user: Any = request.user
        key: Any = request.auth
        return Response({"tenant": key.tenant.name, "user": user})

    def delete(self, request: Request) -> Response:
        return Response()

    def post(self, request: Request) -> Response:
        return Response()


class Forgotten(APIView):
    def get(self, request: Request) -> Response:
        return Response()


@pytest.fixture
def world() -> World:
    return make_world()


def call(text: str, *, method: str = "get", view: type[APIView] = Reading) -> Any:
    headers = {"HTTP_AUTHORIZATION": text} if text else {}
    request = getattr(APIRequestFactory(), method)("/", **headers)
    return view.as_view()(request)


class TestApiKeyAuthentication:
    def test_leads_to_the_tenant_in_one_query(
        self, world: World, django_assert_num_queries: Any
    ) -> None:
        call(f"Bearer {world.here.key_text}")  # notes the use
        with django_assert_num_queries(1):
            answer = call(f"bearer  {world.here.key_text}")
        assert answer.data == {"tenant": "Zephyrine Academy", "user": None}

    @pytest.mark.parametrize("text", ["", "Basic YTpi", "Bearer", "Bearer x", "Bearer é"])
    def test_answers_401_with_a_challenge(self, world: World, text: str) -> None:
        answer = call(text)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
        assert answer.data["title"] == "An API key is needed"

    def test_refuses_unknown_wrong_expired_and_revoked_keys_alike(self, world: World) -> None:
        key = world.here.key
        _, unknown = make_api_key()
        ApiKey.objects.filter(pk=world.there.key.pk).update(revoked_at=timezone.now())
        details = {call(f"Bearer {unknown}").data["detail"]}
        details.add(call(f"Bearer {world.there.key_text}").data["detail"])
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
        details.add(call(f"Bearer {world.here.key_text}").data["detail"])
        ApiKey.objects.filter(pk=key.pk).update(expires_at=None, secret_sha256="0" * 64)
        details.add(call(f"Bearer {world.here.key_text}").data["detail"])
        assert details == {"This API key is unknown, expired or revoked."}

    def test_notes_its_use_at_most_once_a_minute(self, world: World) -> None:
        call(f"Bearer {world.here.key_text}")
        first = ApiKey.objects.get(pk=world.here.key.pk).last_used_at
        call(f"Bearer {world.here.key_text}")
        assert ApiKey.objects.get(pk=world.here.key.pk).last_used_at == first
        past = timezone.now() - timedelta(minutes=2)
        ApiKey.objects.filter(pk=world.here.key.pk).update(last_used_at=past)
        call(f"Bearer {world.here.key_text}")
        assert ApiKey.objects.filter(pk=world.here.key.pk, last_used_at__gt=past).exists()


class TestHasScope:
    def test_lets_in_who_carries_the_scope(self, world: World) -> None:
        assert call(f"Bearer {world.here.key_text}").status_code == 200

    def test_refuses_who_does_not(self, world: World) -> None:
        ApiKey.objects.filter(pk=world.here.key.pk).update(scopes=["webhooks:read"])
        assert call(f"Bearer {world.here.key_text}").status_code == 403

    def test_asks_for_every_scope_of_a_list(self, world: World) -> None:
        assert call(f"Bearer {world.here.key_text}", method="delete").status_code == 200
        ApiKey.objects.filter(pk=world.here.key.pk).update(scopes=["certificates:read"])
        assert call(f"Bearer {world.here.key_text}", method="delete").status_code == 403

    @pytest.mark.parametrize("method", ["post", "options"])
    def test_refuses_a_method_that_names_no_scope(self, world: World, method: str) -> None:
        assert call(f"Bearer {world.here.key_text}", method=method).status_code == 403

    def test_refuses_everybody_where_a_view_forgot(self, world: World) -> None:
        assert call(f"Bearer {world.here.key_text}", view=Forgotten).status_code == 403
