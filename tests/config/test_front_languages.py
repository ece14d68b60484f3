"""What is remembered in one language is never given to a reader of another."""

from itertools import product
from random import Random

import pytest
from django.conf import settings

from tests.config.remembering import World, certificate, path, world
from tests.factories.registry import registry

__all__ = ["certificate", "path", "registry", "world"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keep_the_connection")]

LANGUAGES = [code for code, _ in settings.LANGUAGES]
HEADERS = [
    "",
    *LANGUAGES,
    "de-AT,de;q=0.9,en;q=0.8",
    "es-419",
    "fr-CA;q=0.3, ja;q=0.4",
    "pt-BR,pt;q=0.9",  # none of ours
    "zh-Hant,ar-EG;q=0.1",
    "*",
    "DE",
    ";;q=",
]
QUERIES = ["", *(f"lang={code}" for code in LANGUAGES), "lang=AR", "lang=pt", "lang="]
FORMS = ["text/html", "application/json", "*/*"]


@pytest.mark.parametrize("seed", range(2))
def test_every_reader_gets_what_django_would_answer(world: World, path: str, seed: int) -> None:
    asked = list(product(HEADERS, QUERIES, FORMS)) * 2
    Random(seed).shuffle(asked)
    said: dict[tuple[str, str, str], object] = {}
    for language, query, form in asked[:120]:
        environ = {"HTTP_ACCEPT": form, "QUERY_STRING": query, "HTTP_ACCEPT_LANGUAGE": language}
        django = World(world.generation, world.moment).answer(path, **environ)
        assert world.answer(path, **environ) == django, environ
        assert said.setdefault((language, query, form), django) == django
    assert world.told, "some were answered from memory"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_answered_from_memory(world: World, path: str, language: str) -> None:
    for environ in ({"HTTP_ACCEPT_LANGUAGE": language}, {"QUERY_STRING": f"lang={language}"}):
        world.told.clear()
        first = world.answer(path, **environ)
        assert world.answer(path, **environ) == first
        assert len(world.told) == 1
        assert dict(first[1])["Content-Language"] == language


def test_who_has_one_language_does_not_have_another(world: World, path: str) -> None:
    etags = set()
    for language in LANGUAGES:
        _, headers, body = world.answer(path, HTTP_ACCEPT_LANGUAGE=language)
        etags.add(dict(headers)["ETag"])
        kept = ", ".join(etags - {dict(headers)["ETag"]})
        line, _, again = world.answer(
            path, HTTP_ACCEPT_LANGUAGE=language, HTTP_IF_NONE_MATCH=kept or '"none"'
        )
        assert (line, again) == ("200 OK", body)
    assert len(etags) == len(LANGUAGES)
