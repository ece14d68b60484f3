"""No verdict from memory is an old one: not after a change, not with the database away."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from certificates import sharing
from certificates.models import Certificate
from certificates.signals import certificate_changed
from certificates.tokens import format_token
from config.front import assembly
from config.front.verdicts import OLDEST_SECONDS
from config.front.watching import Watcher
from tests.config.remembering import World, certificate, path, revoke, watcher, world
from tests.factories.registry import Registry, registry

__all__ = ["certificate", "path", "registry", "watcher", "world"]

NAME = "عليّ ابن سينا".encode()


def hide(certificate: Certificate, now: datetime) -> None:
    sharing.share(certificate=certificate, visibility=Certificate.Visibility.PRIVATE, now=now)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keep_the_connection")]


class TestNeverAnOldOne:
    def test_after_a_withdrawal(
        self,
        world: World,
        certificate: Certificate,
        path: str,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        assert b"in_force" in world.answer(path, HTTP_ACCEPT="application/json")[2]
        certificate_changed.connect(assembly.forget)
        with django_capture_on_commit_callbacks(execute=True):
            revoke(certificate, world.moment)
        assert b'"revoked"' in world.answer(path, HTTP_ACCEPT="application/json")[2]

    @pytest.mark.parametrize("watcher", [1, 2], indirect=True)
    def test_after_a_withdrawal_that_no_signal_told(
        self, world: World, certificate: Certificate, path: str, watcher: Watcher
    ) -> None:
        watcher.look(monotonic=0.0, now=world.moment)
        world.answer(path)
        revoke(certificate, world.moment)
        watcher.look(monotonic=0.5, now=world.moment)
        assert b"in force" not in world.answer(path)[2]
        assert world.asked == 2

    def test_after_its_holder_has_hidden_it(
        self,
        world: World,
        certificate: Certificate,
        path: str,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        assert NAME in world.answer(path)[2]
        certificate_changed.connect(assembly.forget)
        with django_capture_on_commit_callbacks(execute=True):
            hide(certificate, world.moment)
        assert NAME not in world.answer(path)[2]

    @pytest.mark.parametrize("watcher", [1, 2], indirect=True)
    def test_after_its_holder_has_hidden_it_on_another_host(
        self, world: World, certificate: Certificate, path: str, watcher: Watcher
    ) -> None:
        watcher.look(monotonic=0.0, now=world.moment)
        assert NAME in world.answer(path)[2]
        hide(certificate, world.moment)
        watcher.look(monotonic=0.5, now=world.moment)
        assert NAME not in world.answer(path)[2]

    def test_when_it_was_withdrawn_while_it_was_read(
        self, world: World, certificate: Certificate, path: str
    ) -> None:
        django = world.application

        def slow(environ: Any, start: Any) -> Any:
            response = django(environ, start)
            revoke(certificate, world.moment)
            assembly.forget(token=certificate.token)
            return response

        world.application = slow
        assert b'"issued"' in world.answer(path, HTTP_ACCEPT="application/json")[2]
        world.application = django
        assert b'"revoked"' in world.answer(path, HTTP_ACCEPT="application/json")[2]

    def test_after_its_minute(self, world: World, path: str) -> None:
        world.answer(path)
        world.moment += timedelta(seconds=59.9)
        world.answer(path)
        assert world.asked == 1
        world.moment += timedelta(seconds=0.1)
        world.answer(path)
        assert world.asked == 2

    def test_after_its_end(self, world: World, registry: Registry) -> None:
        certificate = registry.issue(
            at=world.moment - timedelta(days=365) + timedelta(seconds=10), validity_days=365
        )
        path = f"/verify/{format_token(certificate.token)}"
        assert b'"in_force": true' in world.answer(path, HTTP_ACCEPT="application/json")[2]
        world.moment += timedelta(seconds=10)
        world.away = True
        assert b'"in_force": false' in world.answer(path, HTTP_ACCEPT="application/json")[2]

    def test_when_the_keys_changed(self, world: World, path: str) -> None:
        world.answer(path)
        assembly.announce()
        world.answer(path)
        assert world.asked == 2

    def test_and_only_good_ones_are_kept(self, world: World, registry: Registry) -> None:
        for token in (registry.revoked().token, registry.forged().token, "0" * 27 + "Y"):
            for _ in range(2):
                world.answer(f"/verify/{format_token(token)}")
        assert (world.asked, world.told) == (6, [])

    @pytest.mark.parametrize(
        "environ",
        [
            {"REQUEST_METHOD": "HEAD"},
            {"REQUEST_METHOD": "OPTIONS"},
            {"QUERY_STRING": "lang=en&lang=ar"},
            {"QUERY_STRING": "utm_source=mail"},
            {"HTTP_IF_MATCH": '"a"'},
            {"HTTP_HOST": "elsewhere.example"},
            {"HTTP_ACCEPT_LANGUAGE": "en," * 400},
        ],
        ids=str,
    )
    def test_whatever_is_odd_is_left_to_django(
        self, world: World, path: str, environ: dict[str, Any]
    ) -> None:
        world.answer(path)
        for _ in range(2):
            world.answer(path, **environ)
        assert (world.asked, world.told) == (3, [])


class TestWithTheDatabaseAway:
    def test_answers_what_it_knew(self, world: World, path: str) -> None:
        first = world.answer(path)
        world.moment += timedelta(minutes=10)
        world.away = True
        assert world.answer(path) == first
        assert b"12:00 UTC" in first[2], "it says itself when it was reached"

    def test_but_not_for_ever(self, world: World, path: str) -> None:
        world.answer(path)
        world.away = True
        world.moment += timedelta(seconds=OLDEST_SECONDS + 60)
        world.answer(path)
        assert world.asked == 2

    def test_and_not_what_was_withdrawn_before(
        self, world: World, certificate: Certificate, path: str
    ) -> None:
        world.answer(path)
        assembly.forget(token=certificate.token)
        world.away = True
        world.answer(path)
        assert world.asked == 2
