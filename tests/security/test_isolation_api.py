"""A walk over every API route: scopes are named, and no key reaches another tenant's rows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from tenants.models import ApiKey
from tenants.permissions import HasScope
from tests.factories.world import Place, World, make_world

pytestmark = pytest.mark.django_db


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, type[APIView]]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        else:
            view = getattr(entry.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, APIView):
                yield path, view


API = list(routes(get_resolver().url_patterns))
SCOPED = [(path, view) for path, view in API if HasScope in view.permission_classes]
METHODS = [
    (path, view, method) for path, view in SCOPED for method in getattr(view, "required_scopes", {})
]


def ids_of(place: Place) -> dict[str, Any]:
    """What stands in addresses; a new route has to say which row the walk may use."""
    return {
        "completion_id": place.completion.pk,
        "certificate_id": place.certificate.pk,
        "template_id": place.template.pk,
    }


def filled(path: str, ids: dict[str, Any]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids[found[1]]), path)


def call(path: str, method: str, text: str = "") -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {text}"} if text else {}
    send = getattr(Client(), method.lower())
    if method in ("GET", "HEAD"):
        return send(path, **headers)
    return send(path, data="{}", content_type="application/json", **headers)


@pytest.fixture
def world() -> World:
    return make_world()


class TestRoutes:
    def test_are_there(self) -> None:
        assert SCOPED

    @pytest.mark.parametrize(("path", "view"), SCOPED, ids=str)
    def test_name_their_scopes(self, path: str, view: type[APIView]) -> None:
        scopes = getattr(view, "required_scopes", None)
        assert scopes, f"{view.__name__} names no required_scopes"
        handled = {name.upper() for name in view.http_method_names if hasattr(view, name)}
        assert handled - {"OPTIONS", "HEAD"} <= set(scopes)


class TestWalk:
    @pytest.mark.parametrize(("path", "view", "method"), METHODS, ids=str)
    def test_nobody_without_a_key(
        self, world: World, path: str, view: type[APIView], method: str
    ) -> None:
        answer = call(filled(path, ids_of(world.here)), method)
        assert answer.status_code == 401
        assert "Bearer" in answer["WWW-Authenticate"]

    @pytest.mark.parametrize(("path", "view", "method"), METHODS, ids=str)
    def test_no_key_without_the_scope(
        self, world: World, path: str, view: type[APIView], method: str
    ) -> None:
        ApiKey.objects.filter(pk=world.here.key.pk).update(scopes=[])
        answer = call(filled(path, ids_of(world.here)), method, world.here.key_text)
        assert answer.status_code == 403

    @pytest.mark.parametrize(("path", "view", "method"), METHODS, ids=str)
    def test_charlie_s_key_finds_nothing_of_alice(
        self, world: World, path: str, view: type[APIView], method: str
    ) -> None:
        answer = call(filled(path, ids_of(world.here)), method, world.there.key_text)
        if "<" in path:
            assert answer.status_code == 404
        assert world.here.marker.encode() not in answer.content
        assert str(world.here.certificate.pk).encode() not in answer.content
