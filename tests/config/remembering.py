"""A web worker that remembers verdicts, on a clock of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from certificates import revocation
from certificates.models import Certificate
from certificates.tokens import format_token
from config.front import assembly
from config.front.admission import Admission
from config.front.copies import Copy
from config.front.generation import Generation
from config.front.memory import Memory
from config.front.store import Store
from config.front.verdicts import Verdicts
from config.front.watching import Watcher
from config.request import Application
from observability import visitors
from tests.factories.registry import Registry
from verification.answered import Hit

Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass
class World:
    """One web worker, on a clock of its own."""

    generation: Generation
    moment: datetime
    application: Callable[..., Any] = field(default_factory=Application)
    memory: Memory = field(default_factory=Memory)
    away: bool = False
    asked: int = 0
    told: list[Hit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.verdicts = Verdicts(
            self._ask,
            memory=self.memory,
            generation=self.generation,
            admission=Admission(assembly.rules()),
            kinds=assembly.verdict_kinds,
            tell=self.told.append,
            origin=visitors.origins().of,
            is_away=lambda _monotonic: self.away,
            clock=self._time,
        )

    def _time(self) -> float:
        return self.moment.timestamp()

    def _ask(self, environ: Any, start: Any) -> Any:
        self.asked += 1
        return self.application(environ, start)

    def answer(self, path: str, **environ: Any) -> Answer:
        """Return status, headers but for the id, and body."""
        said: list[tuple[str, list[tuple[str, str]]]] = []
        response = self.verdicts(
            environ_of(path) | environ, lambda line, headers, *_: said.append((line, headers))
        )
        body = b"".join(response)
        getattr(response, "close", lambda: None)()
        ((line, headers),) = said
        assert [name for name, _ in headers].count("X-Request-ID") == 1
        return line, sorted(one for one in headers if one[0] != "X-Request-ID"), body


def environ_of(path: str) -> dict[str, Any]:
    environ: dict[str, Any] = RequestFactory().get("/").environ
    environ.pop("HTTP_COOKIE")
    return environ | {"PATH_INFO": path, "HTTP_HOST": "testserver"}


@pytest.fixture
def world(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a worker whose clock is everybody's, after the registry set its own."""
    world = World(Generation.shared(tmp_path), datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    monkeypatch.setattr(timezone, "now", lambda: world.moment)
    monkeypatch.setattr(assembly, "generation", lambda: world.generation)
    return world


@pytest.fixture
def watcher(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Watcher:
    """Return one to whom so and so many withdrawals at once are many."""
    monkeypatch.setattr("config.front.watching.MANY", request.param)
    return Watcher(
        store=Store(),
        generation=world.generation,
        copy=Copy(tmp_path / "published"),
        prepare=assembly.prepare,
    )


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue("عليّ ابن سينا")


@pytest.fixture
def path(certificate: Certificate) -> str:
    return f"/verify/{format_token(certificate.token)}"


def revoke(certificate: Certificate, now: datetime) -> None:
    revocation.revoke(
        certificate=certificate,
        reason=Certificate.Reason.FRAUD,
        actor="service:test",
        now=now,
    )
