"""Static files of the embedded service have addresses that never change their content."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import RequestFactory

from config.static_files import HashedFilesMiddleware, HashedStorage

NAME = "public/rum.js"

# Closing an answer is the end of a request, which looks after the database's connections.
pytestmark = pytest.mark.django_db


@pytest.fixture
def middleware(settings: Any) -> HashedFilesMiddleware:
    """Return it as the embedded settings make it."""
    settings.STATIC_ROOT = None
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = False
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static_files.HashedStorage"},
    }
    return HashedFilesMiddleware(lambda _request: HttpResponse(status=404))


def test_an_address_names_the_content_and_is_kept_for_ever(
    middleware: HashedFilesMiddleware,
) -> None:
    address = HashedStorage().url(NAME)
    assert re.fullmatch(r"/static/public/rum\.[0-9a-f]{12}\.js", address)
    answer = middleware(RequestFactory().get(address))
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    found = finders.find(NAME)
    assert isinstance(found, str)
    assert b"".join(answer) == Path(found).read_bytes()
    answer.close()


def test_a_plain_address_is_asked_for_again(middleware: HashedFilesMiddleware) -> None:
    answer = middleware(RequestFactory().get(f"/static/{NAME}"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "max-age=60, public"
    answer.close()


def test_another_hash_is_another_file(middleware: HashedFilesMiddleware) -> None:
    answer = middleware(RequestFactory().get("/static/public/rum.000000000000.js"))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["public/rum.js", "nothing/there.js", ""])
def test_is_plain_while_somebody_edits_and_where_there_is_no_file(name: str, settings: Any) -> None:
    settings.DEBUG = name == NAME
    assert HashedStorage().url(name) == f"/static/{name}"
