"""A verdict from memory is what Django would answer, for a minute at most, and never an old one."""

import json
import logging
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from certificates.models import Certificate
from certificates.tokens import format_token
from config.front.memory import OVERHEAD, Memory
from tests.config.remembering import Answer, World, certificate, environ_of, path, watcher, world
from tests.factories.registry import Registry, registry
from verification import buffer, bursts, recording
from verification.answered import Answered
from verification.models import Rollup

__all__ = ["certificate", "path", "registry", "watcher", "world"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keep_the_connection")]

VERIFIED = "certification.certificate.verified"
SWISS = {"REMOTE_ADDR": "130.60.1.1", "HTTP_USER_AGENT": "curl/8.9.1"}


class TestAnswersLikeDjango:
    @pytest.mark.parametrize(
        "environ",
        [
            {},
            {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"},
            {"HTTP_ACCEPT": "application/json"},
            {"HTTP_ACCEPT_LANGUAGE": "ar,en;q=0.5"},
            {"QUERY_STRING": "lang=ar"},
            {"QUERY_STRING": "lang=xx"},
            {"HTTP_COOKIE": "sessionid=abc; django_language=ar"},
            {"wsgi.url_scheme": "https"},
            {"HTTP_IF_NONE_MATCH": '"other", W/"this"'},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("door", ["", "/api/v1"])
    def test_the_second_time(
        self, world: World, path: str, door: str, environ: dict[str, Any]
    ) -> None:
        first = world.answer(door + path, **environ)
        again = world.answer(door + path, **environ)
        assert first == again
        assert (first[0], world.asked, len(world.told)) == ("200 OK", 1, 1)

    @pytest.mark.parametrize("door", ["", "/api/v1"])
    def test_to_whoever_has_it_already(self, world: World, path: str, door: str) -> None:
        etag = dict(world.answer(door + path)[1])["ETag"]
        django = World(world.generation, world.moment).answer(door + path, HTTP_IF_NONE_MATCH=etag)
        ours = world.answer(door + path, HTTP_IF_NONE_MATCH=etag)
        assert ours == django
        assert (ours[0], ours[2], world.asked) == ("304 Not Modified", b"", 1)

    def test_all_browsers_of_a_language_share_one(self, world: World, path: str) -> None:
        world.answer(path, HTTP_ACCEPT_LANGUAGE="en")
        world.answer(path, HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.9")  # learns what this leads to
        asked = world.asked
        world.moment += timedelta(minutes=1)
        world.answer(path, HTTP_ACCEPT_LANGUAGE="en")
        world.answer(path, HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.9")
        assert world.asked == asked + 1

    def test_asks_no_database_and_runs_no_line_of_django(
        self, world: World, path: str, django_assert_num_queries: Any
    ) -> None:
        world.answer(path)
        entered: list[str] = []

        def note(frame: Any, event: str, _argument: Any) -> None:
            if event == "call":
                entered.append(frame.f_globals.get("__name__", ""))

        environ = environ_of(path)
        with django_assert_num_queries(0):
            sys.setprofile(note)
            try:
                world.verdicts(environ, lambda _line, _headers: None)
            finally:
                sys.setprofile(None)
        assert [name for name in entered if name.startswith("django")] == []
        assert len(world.told) == 1


class TestManyAtOnce:
    def test_one_reads_and_all_get_it(
        self, world: World, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours = world.answer(path)
        world.moment += timedelta(minutes=1)
        entered, others = threading.Event(), threading.Event()
        kept = world.memory.find

        def slow(environ: Any, start: Any) -> Any:
            entered.set()
            others.wait(60)
            environ[Answered.NAME] = answered(world.moment)
            start("200 OK", [*ours[1], ("X-Request-ID", "one")])
            return [b"the next"]

        world.application = slow
        got: list[Answer] = []
        first = threading.Thread(target=lambda: got.append(world.answer(path)))
        first.start()
        assert entered.wait(60)
        looked = threading.Semaphore(0)

        def noted(asked: Any) -> Any:
            looked.release()
            return kept(asked)

        monkeypatch.setattr(world.memory, "find", noted)  # to know that all have come
        rest = [threading.Thread(target=lambda: got.append(world.answer(path))) for _ in range(4)]
        for thread in rest:
            thread.start()
        for _ in rest:
            assert looked.acquire(timeout=60)
        others.set()
        for thread in [first, *rest]:
            thread.join()
        assert [body for _, _, body in got] == [b"the next"] * 5
        assert world.asked == 2, "the first answer, and one for all five"


def answered(moment: datetime) -> Answered:
    since = moment.replace(second=0).timestamp()
    until = since + 60
    return Answered("issued", "t", "c", "", "%s %s", since=since, until=until, ends=until)


class TestMemory:
    def test_lets_the_oldest_go(self, tmp_path: Path, registry: Registry, world: World) -> None:
        paths = [f"/verify/{format_token(registry.issue().token)}" for _ in range(3)]
        length = len(world.answer(paths[0])[2]) + OVERHEAD
        small = World(world.generation, world.moment, memory=Memory(most_bytes=2 * length + 500))
        for each in paths:
            small.answer(each)
        asked = small.asked
        for each in paths[1:]:
            small.answer(each)
        assert small.asked == asked
        small.answer(paths[0])
        assert small.asked == asked + 1


class TestTelling:
    def test_names_the_request_as_django_does(self, world: World, path: str) -> None:
        world.answer(path)
        world.answer(path)
        world.answer(f"/api/v1{path}")
        world.answer(f"/api/v1{path}")
        page, program = (hit[1].endpoint for hit in world.told)
        assert (page, program) == ("public_verify", "public_verify_api")
        assert all("verify/<str:token>" in hit[1].line for hit in world.told)

    def test_every_hit_counts_and_is_logged_like_a_miss(
        self, world: World, path: str, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.LOG_FORMAT = "json"
        with capture_logs() as lines:
            world.answer(path)
        (miss,) = (line for line in lines if line["event"] == VERIFIED)
        for _ in range(3):
            world.answer(path)
        before = counts(miss["tenant_id"])
        buffer.clear()
        logging.getLogger("observability.batches").addHandler(caplog.handler)
        try:
            recording.note_hits(world.told)
        finally:
            logging.getLogger("observability.batches").removeHandler(caplog.handler)
        assert counts(miss["tenant_id"]) == [number + 3 for number in before]
        said = [
            json.loads(line)
            for text in caplog.messages
            for line in text.splitlines()
            if VERIFIED in line
        ]
        assert len({line.pop("request_id") for line in said}) == 3
        miss.pop("log_level")
        for line in said:
            assert line.pop("timestamp") == "2026-03-01T12:00:00.000000Z"
            assert line == dict(miss) | {"level": "info", "logger": "certification"}
        assert buffer.drain(now=world.moment) == 3

    def test_every_answer_counts_for_its_origin_and_its_token(
        self, world: World, path: str, certificate: Certificate
    ) -> None:
        buffer.clear()
        bursts.clear()
        etag = dict(world.answer(path, **SWISS)[1])["ETag"]
        world.answer(path, **SWISS)
        world.answer(path, **SWISS, HTTP_IF_NONE_MATCH=etag)
        world.answer(path, **(SWISS | {"REMOTE_ADDR": "200.160.2.3"}))
        world.answer(path, **SWISS, HTTP_DNT="1")
        assert (world.asked, len(world.told)) == (1, 4)
        recording.note_hits(world.told)
        assert sum(bursts._mine.values()) == 5
        buffer.drain(now=world.moment)
        rows = Rollup.objects.values_list("certificate_id", "country", "ua_class", "count")
        assert set(rows) == {
            (certificate.pk, "CH", "http_library", 3),
            (certificate.pk, "BR", "http_library", 1),
            (None, "CH", "http_library", 1),
        }

    def test_keeps_no_address_and_no_agent(
        self, world: World, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        environ = {"REMOTE_ADDR": "130.60.47.11", "HTTP_USER_AGENT": "Somebody's own/4711"}
        for _ in range(2):
            world.answer(path, **environ)
        logging.getLogger("observability.batches").addHandler(caplog.handler)
        try:
            recording.note_hits(world.told)
        finally:
            logging.getLogger("observability.batches").removeHandler(caplog.handler)
        kept = [world.told, caplog.messages, generate_latest(), buffer._waiting, bursts._mine]
        for secret in environ.values():
            assert secret not in repr(kept)


def counts(tenant_id: str) -> list[float]:
    return [
        REGISTRY.get_sample_value(name, labels) or 0
        for name, labels in (
            ("cert_verification_total", {"result": "issued"}),
            ("cert_tenant_verification_total", {"tenant_id": tenant_id, "result": "issued"}),
            ("cert_public_verify_cache_requests_total", {"outcome": "hit"}),
            ("cert_public_verify_duration_seconds_count", {"cache": "hit"}),
            ("cert_api_requests_total", {"endpoint": "public_verify", "status": "200"}),
        )
    ]
