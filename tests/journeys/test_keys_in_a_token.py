"""Real processes whose signing key lies in a PKCS #11 token: reported, issued, verified."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.test_completion_to_certificate import Platform
from tests.processes import wait_until
from tests.service import Service
from tests.softhsm import PIN, Hsm


@pytest.fixture
def service(tmp_path: Path, hsm_at_hand: Hsm, database_url: str) -> Iterator[Service]:
    """Yield a service that makes its keys in a token."""
    variables = {"DATABASE_URL": database_url} if database_url else {}
    service = Service(tmp_path / "data", variables | hsm_at_hand.variables)
    service.folder.mkdir()
    service.manage("migrate", "--verbosity=0")
    yield service
    service.kill()


class TestKeysInAToken:
    def test_sign_what_strangers_verify(self, service: Service) -> None:
        platform = Platform(service)
        service.start()
        accepted = platform.report()
        wait_until(
            partial(platform.has_files, accepted["certificate_id"]), what="the files are made"
        )
        verdict = platform.verdict(accepted["verify_url"])

        assert (verdict["result"], verdict["in_force"]) == ("issued", True)
        assert {c["name"]: c["outcome"] for c in verdict["checks"]}["signature"] == "passed"
        published = service.request("GET", urlsplit(verdict["kid_url"]).path).json()
        assert (published["alg"], published["kid"]) == ("ES256", verdict["kid_url"])
        [row] = json.loads(service.manage("dumpdata", "signing.signingkey"))
        assert (row["fields"]["custody"], row["fields"]["sealed_private"]) == ("pkcs11", None)
        written = b"".join(path.read_bytes() for path in service.folder.glob("*.log"))
        assert PIN.encode() not in written
