"""Journey 1 and 2 on real processes: reported, issued, rendered, verified, withdrawn."""

import base64
import io
import json
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pikepdf
import psutil
import pytest
from PIL import Image

from certificates.credential.baking import unbake
from tests.processes import Process, kill_group, wait_until
from tests.service import Service

FORMATS = {"pdf", "png", "thumbnail", "card", "openbadges", "badge-svg"}
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=warning")


@pytest.fixture
def embedded(tmp_path: Path, database_url: str) -> Iterator[Service]:
    """Yield the service as `make run` starts it."""
    service = Service(tmp_path, {"DATABASE_URL": database_url} if database_url else {})
    service.manage("migrate", "--verbosity=0")
    yield service
    service.kill()


@pytest.fixture
def production(tmp_path: Path, database_url: str, broker_url: str) -> Iterator[Service]:
    """Yield the service under production settings, on PostgreSQL and a broker."""
    if not database_url:
        pytest.skip("production settings need PostgreSQL (TEST_DATABASE_URL)")
    variables = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": broker_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "TOKEN_PEPPER": secrets.token_urlsafe(32),
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    service = Service(tmp_path, variables)
    service.manage("migrate", "--verbosity=0")
    service.manage("collectstatic", "--noinput", "--verbosity=0")
    service.run("-m", "celery", "-A", "config", "purge", "--force")
    yield service
    service.kill()


class Platform:
    """A learning platform that reports one learner."""

    def __init__(self, service: Service) -> None:
        self.service = service
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        self.headers = {"Authorization": f"Bearer {made['api_key']}"}
        self.version = made["course_version_id"]

    def report(self, name: str = "Títílayọ̀ Ọdúnsì") -> dict[str, Any]:
        body = {
            "event_id": "evt-1",
            "recipient": {"id": "p-1", "name": name},
            "course": {"version_id": self.version},
            "completed_at": "2026-02-27T09:00:00+01:00",
        }
        answer = self.service.request(
            "POST", "/api/v1/completions", headers=self.headers, body=body
        )
        assert answer.status == 202, answer.body
        accepted: dict[str, Any] = answer.json()
        return accepted

    def certificate(self, certificate_id: str) -> dict[str, Any]:
        path = f"/api/v1/certificates/{certificate_id}"
        answer = self.service.request("GET", path, headers=self.headers)
        return answer.json() if answer.status == 200 else {"files": {}}

    def has_files(self, certificate_id: str) -> bool:
        files = self.certificate(certificate_id)["files"]
        return all(files.get(name) for name in ("pdf", "png", "badge", "jws"))

    def verdict(self, verify_url: str) -> dict[str, Any]:
        verdict: dict[str, Any] = self.service.request(
            "GET", urlsplit(verify_url).path, headers={"Accept": "application/json"}
        ).json()
        return verdict


class TestEmbedded:
    def test_walks_the_whole_way_from_report_to_withdrawal(self, embedded: Service) -> None:
        platform = Platform(embedded)
        embedded.start()
        accepted = platform.report()
        certificate_id = accepted["certificate_id"]
        wait_until(partial(platform.has_files, certificate_id), what="the files are made")
        verdict = platform.verdict(accepted["verify_url"])
        assert (verdict["result"], verdict["in_force"]) == ("issued", True)
        assert {c["name"]: c["outcome"] for c in verdict["checks"]}["signature"] == "passed"
        jws = self._files_agree(embedded, platform.certificate(certificate_id)["files"])
        key = embedded.request("GET", urlsplit(verdict["kid_url"]).path).json()
        header = json.loads(base64.urlsafe_b64decode(jws.split(b".")[0] + b"=="))
        assert header == {"alg": "ES256", "kid": key["kid"], "typ": "JWT"}
        embedded.request(
            "POST",
            f"/api/v1/certificates/{certificate_id}/revoke",
            headers=platform.headers,
            body={"reason": "issued_in_error"},
        )
        verdict = platform.verdict(accepted["verify_url"])
        assert (verdict["result"], verdict["in_force"]) == ("revoked", False)

    def _files_agree(self, service: Service, files: dict[str, str]) -> bytes:
        """Assert that PDF, PNG and badge open and carry the JWS; return it."""
        content = {
            name: service.request("GET", urlsplit(url).path).body
            for name, url in files.items()
            if url
        }
        with pikepdf.open(io.BytesIO(content["pdf"])) as pdf:
            attached = pdf.attachments["credential.jws"].get_file().read_bytes()
        assert attached == content["jws"]
        assert unbake(content["badge"]).encode() == content["jws"]
        with Image.open(io.BytesIO(content["png"])) as picture:
            assert picture.width == 1600
        return content["jws"]


@pytest.mark.broker
class TestProduction:
    def test_files_are_made_by_the_workers_process_and_never_by_the_web_process(
        self, production: Service
    ) -> None:
        platform = Platform(production)
        production.start()
        started: list[Process] = [
            production.spawn(*WORKER),
            production.spawn("manage.py", "relay"),
        ]
        try:
            accepted = platform.report()
            wait_until(
                partial(platform.has_files, accepted["certificate_id"]),
                what="a worker made the files",
                process=started[0],
                seconds=60,
            )
            workers = {child.pid for child in psutil.Process(started[0].pid).children()}
            web = {child.pid for child in production.children()}
        finally:
            for process in started:
                kill_group(process)
        found = json.loads(production.run("-m", "tests.reliability.world", "inspect"))
        assert {kind for kind, _ in found["makers"]} == FORMATS
        makers = {int(maker.rpartition(":")[2]) for _, maker in found["makers"]}
        assert makers <= workers
        assert not makers & (web | {production.process.pid if production.process else 0})
        assert platform.verdict(accepted["verify_url"])["result"] == "issued"
