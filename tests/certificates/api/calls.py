"""Calls of a platform against the API."""

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from tenants.models import Tenant
from tenants.onboarding import create_api_key

ALL = [
    "completions:write",
    "certificates:read",
    "certificates:revoke",
    "templates:read",
]


class Platform:
    """A platform with a key of one tenant."""

    def __init__(self, tenant: Tenant, scopes: list[str] | None = None) -> None:
        _, self.text = create_api_key(
            tenant=tenant,
            name="test",
            scopes=ALL if scopes is None else scopes,
            now=timezone.now(),
        )
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: Any) -> Any:
        return self.send(path, json.dumps(body).encode())

    def send(self, path: str, raw: bytes, content_type: str = "application/json") -> Any:
        return self.client.post(
            f"/api/v1/{path}", data=raw, content_type=content_type, headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}


def completion(event_id: str = "evt-1", **changes: Any) -> dict[str, Any]:
    """Return a good completion body."""
    return {
        "event_id": event_id,
        "recipient": {"id": f"person-of-{event_id}", "name": "Ada Lovelace"},
        "course": {"version_id": "2026.1"},
        "completed_at": "2026-02-27T09:00:00+01:00",
        **changes,
    }
