"""Every way in, against everything hostile: nothing is believed, and nothing fails."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from certificates.models import Artifact, Certificate, Securing
from certificates.queries import securing_of
from signing.models import SigningKey
from tests.factories import rows
from tests.factories.registry import Registry
from tests.signing import hostile
from tests.verification.doors import Answer, doors
from tests.verification.hostile import off_record, world_of

# The API takes codes and links only.
TAKE_DOCUMENTS = ("page", "JSON", "verify TEXT", "verify FILE")
DOORS = (*TAKE_DOCUMENTS, "API")

Door = Callable[[str], Answer]


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue()


@pytest.fixture
def world(certificate: Certificate, now: datetime) -> hostile.World:
    stranger = rows.make_tenant(slug="strange", name="Strange School", now=now)
    return world_of(certificate, stranger=stranger, now=now)


@pytest.fixture
def door(request: pytest.FixtureRequest, client: Client, tmp_path: Path) -> Door:
    return doors(client, tmp_path)[request.param]


# Behind the page and the API stand all the questions that the doors ask of a database.
EACH_DOOR = [
    pytest.param(door, marks=[] if door in {"page", "API"} else pytest.mark.once) for door in DOORS
]


class TestHostileTokens:
    @pytest.mark.parametrize("door", EACH_DOOR, indirect=True)
    def test_are_believed_nowhere_and_break_nothing(self, door: Door, world: hostile.World) -> None:
        # Every sixteenth: the verifier sees them all in its own tests, and all come through all
        # doors with `make bench NAME=hostile`. Blanks around a token are trimmed: people paste.
        tokens = [
            case
            for case in hostile.cases(world)
            if case[1].strip() != world.good and len(case[1]) < 100_000
        ]
        answers = {name: door(token) for name, token in tokens[::16]}

        assert len(answers) > 40
        assert [name for name, answer in answers.items() if answer.good or answer.failed] == []

    @pytest.mark.parametrize("door", EACH_DOOR, indirect=True)
    def test_may_be_huge(self, door: Door, world: hostile.World) -> None:
        huge = [token for _, token in hostile.cases(world) if len(token) >= 100_000][::3]

        assert huge
        assert not any(answer.good or answer.failed for answer in map(door, huge))


@pytest.mark.parametrize("door", TAKE_DOCUMENTS, indirect=True)
class TestSignature:
    """A verdict needs the row and the signature; each alone is nothing."""

    def test_with_its_row_is_believed(self, door: Door, world: hostile.World) -> None:
        assert door(world.good).good
        assert door(f" {world.good}\n").good

    def test_without_a_row_is_not(
        self, door: Door, world: hostile.World, registry: Registry
    ) -> None:
        documents = dict(off_record(world, other=registry.issue("Eve Other")))
        answers = {name: door(token) for name, token in documents.items()}

        assert [name for name, answer in answers.items() if answer.good or answer.failed] == []

    def test_is_nothing_once_its_row_is_gone(
        self, door: Door, world: hostile.World, certificate: Certificate
    ) -> None:
        Artifact.objects.filter(certificate=certificate).delete()
        Securing.objects.filter(certificate=certificate).update(content="e30.e30.e30")

        assert door(world.good) == Answer(good=False, failed=False)

    def test_of_a_row_that_was_altered_is_not(
        self, door: Door, registry: Registry, world: hostile.World
    ) -> None:
        forged, swapped = registry.forged(), registry.swapped()

        assert door(securing_of(forged).content) == Answer(good=False, failed=False)
        # Its row holds another certificate's document, sound, which speaks for that one alone.
        assert door(securing_of(swapped).content).good
        for broken in (forged, swapped):
            assert door(broken.token) == Answer(good=False, failed=False)

    def test_of_a_key_whose_row_was_altered_is_not(self, door: Door, world: hostile.World) -> None:
        keys = SigningKey.objects.filter(tenant=None)
        good = keys.get().public_jwk
        altered: list[object] = [
            *({}, {"kty": "EC"}, {**good, "x": good["y"]}, {"kty": "oct", "k": "AA"}, []),
        ]
        for public in altered:
            keys.update(public_jwk=public)
            assert door(world.good) == Answer(good=False, failed=False)
        keys.update(public_jwk=good, algorithm="EdDSA")
        assert door(world.good) == Answer(good=False, failed=False)


class TestOlderForm:
    @pytest.mark.django_db
    def test_is_believed_by_its_own_signature_alone(
        self, registry: Registry, client: Client, tmp_path: Path
    ) -> None:
        """Whoever may write rows may add a second form; it still has to be signed."""
        certificate = registry.issue()
        good = securing_of(certificate)
        head, payload, _ = good.content.split(".")
        forged = f"{head}.{payload}.{'A' * 86}"
        Securing.objects.filter(pk=good.pk).update(content=forged)
        good.pk = None
        good.generation += 1
        good.save()

        for name in TAKE_DOCUMENTS:
            assert doors(client, tmp_path)[name](good.content).good
            assert not doors(client, tmp_path)[name](forged).good
