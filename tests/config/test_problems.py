"""The database fails under a request: the caller is told to come again, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection
from django.test import Client

from tenants import onboarding
from tenants.api_keys import Scope
from tests.factories.registry import Registry, registry
from tests.factories.rows import make_course

__all__ = ["registry"]

CUT = "terminating connection because of crash of another server process"
AWAY = [OperationalError(CUT), InterfaceError("connection already closed"), DatabaseError(CUT)]


@contextmanager
def failing(error: Exception, word: str) -> Iterator[None]:
    """Let every statement that begins with a word fail."""

    def execute(run: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith(word):
            raise error
        return run(sql, *arguments)

    with connection.execute_wrapper(execute):
        yield


@pytest.fixture
def api(registry: Registry) -> Client:
    _, text = onboarding.create_api_key(
        tenant=registry.tenant, name="all", scopes=list(Scope), now=registry.now
    )
    return Client(headers={"Authorization": f"Bearer {text}"}, raise_request_exception=False)


class TestDatabaseAway:
    @pytest.mark.parametrize("error", AWAY, ids=["operational", "interface", "plain"])
    @pytest.mark.parametrize("word", ["SELECT", "INSERT"])
    def test_is_a_problem_with_a_time_to_come_again(
        self, registry: Registry, api: Client, error: Exception, word: str
    ) -> None:
        make_course(registry.tenant, version_id="knots-1", now=registry.now)
        completion = {
            "event_id": "event-1",
            "recipient": {"id": "learner-1", "name": "Ada Lovelace"},
            "course": {"version_id": "knots-1"},
            "completed_at": "2026-01-15T10:00:00Z",
        }
        with failing(error, word):
            response = api.post("/api/v1/completions", completion, content_type="application/json")

        assert (response.status_code, response["Retry-After"]) == (503, "10")
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 503
        assert CUT not in response.content.decode()
        again = api.post("/api/v1/completions", completion, content_type="application/json")
        assert again.status_code == 202

    def test_is_a_page_for_people(self, db: None) -> None:
        with failing(AWAY[0], "SELECT"):
            path = "/certificates/0123456789ABCDEFGHJKMNPQRST5"
            response = Client().get(path, headers={"Accept": "text/html"})

        assert (response.status_code, response["Retry-After"]) == (503, "10")
        assert b"cannot reach its records just now" in response.content

    def test_is_not_said_of_a_wrong_statement_of_ours(self, api: Client) -> None:
        with failing(DataError("value too long"), "SELECT"):
            assert api.get("/api/v1/certificates").status_code == 500
