"""Every way in for a stranger's text, each with what it answered."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from django.core.management import CommandError, call_command
from django.test import Client


class Answer(NamedTuple):
    """What a door said: `good` only where it vouched for something."""

    good: bool
    failed: bool


def doors(client: Client, folder: Path) -> dict[str, Callable[[str], Answer]]:
    """Return the doors by name. Text in surrogate halves cannot leave a shell or a browser."""
    path = folder / "given.jws"

    def page(text: str) -> Answer:
        answer = client.post("/verify", {"code": _sendable(text)}, headers={"accept": "text/html"})
        return Answer(answer.status_code == 200, answer.status_code >= 500)

    def json(text: str) -> Answer:
        answer = client.post(
            "/verify", {"code": _sendable(text)}, headers={"accept": "application/json"}
        )
        good = answer.status_code == 200 or answer.json()["result"] in {"issued", "revoked"}
        return Answer(good, answer.status_code >= 500)

    def api(text: str) -> Answer:
        # As the web server hands it over (PEP 3333), which has the work of decoding an address.
        path = f"/api/v1/verify/{text.encode('utf-8', 'replace').decode('latin-1')}"
        answer = client.request(REQUEST_METHOD="GET", PATH_INFO=path)
        return Answer(answer.status_code == 200, answer.status_code >= 500)

    def command(text: str) -> Answer:
        try:
            call_command("verify", text, "--json", stdout=StringIO())
        except CommandError as error:
            return Answer(good=False, failed=error.returncode not in {1, 2})
        return Answer(good=True, failed=False)

    def file(text: str) -> Answer:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return command(str(path))

    return {
        "page": page,
        "JSON": json,
        "API": api,
        "verify TEXT": command,
        "verify FILE": file,
    }


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
