"""Our tokens, verified by npm jose and PyPI jwcrypto through the key set they fetch."""

import csv
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

import jwcrypto.jwk
import jwcrypto.jwt
import pytest

from tests.service import Service
from tests.signing.tokens import b64, twin, unb64

HERE = Path(__file__).parent
CREDENTIAL, STATUS_LIST = "JWT", "vc+jwt"


@dataclass(frozen=True)
class Token:
    """A token, and the purpose its header must name."""

    compact: str
    typ: str

    @property
    def kid(self) -> str:
        """Return the address of its key."""
        kid: str = json.loads(unb64(self.compact.split(".")[0]))["kid"]
        return kid


Judge = Callable[[str, Sequence[Token]], list[dict[str, str]]]


def jose(jwks: str, tokens: Sequence[Token]) -> list[dict[str, str]]:
    """Return what npm jose says of each token."""
    if shutil.which("node") is None or not (HERE / "node_modules/jose").is_dir():
        pytest.skip("needs node and npm jose: apt-get install npm, then make interop")
    given = {"jwks": jwks, "tokens": [vars(token) for token in tokens]}
    done = subprocess.run(
        ["node", HERE / "verify.mjs"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers


def jwcrypto_(jwks: str, tokens: Sequence[Token]) -> list[dict[str, str]]:
    """Return what jwcrypto says of each token."""
    with urlopen(jwks) as answer:  # noqa: S310 - an address of the service under test
        keys = jwcrypto.jwk.JWKSet.from_json(answer.read())

    def judge(token: Token) -> dict[str, str]:
        try:
            read = jwcrypto.jwt.JWT(jwt=token.compact, key=keys, algs=["ES256"])
        except Exception as error:  # noqa: BLE001 - it raises many kinds
            return {"error": repr(error)}
        header = json.loads(read.header)
        assert header["typ"] == token.typ
        return {"kid": header["kid"], "id": json.loads(read.claims)["id"]}

    return [judge(token) for token in tokens]


@dataclass
class Issuer:
    """A tenant of a running service, seen from outside; and its operator."""

    service: Service
    slug: str
    courses: list[dict[str, str]]
    folder: Path

    @property
    def jwks(self) -> str:
        """Return the address of the key set a stranger fetches."""
        return f"{self.service.base_url}/tenants/{self.slug}/jwks.json"

    def tokens(self, credential_url: str) -> list[Token]:
        """Return the signed credential at an address, and the status list it names."""
        credential = self._signed(credential_url)
        status = json.loads(unb64(credential.split(".")[1]))["credentialStatus"]
        listed = self._signed(status["statusListCredential"])
        return [Token(credential, CREDENTIAL), Token(listed, STATUS_LIST)]

    def issue(self) -> str:
        """Issue one more certificate; return the address of its credential."""
        course, event_id = self.courses[0], f"interop-{uuid4()}"
        row = {
            "event_id": event_id,
            "recipient_id": event_id,
            "recipient_name": "Ada Lovelace",
            "course_id": course["course_id"],
            "course_version_id": course["course_version_id"],
            "completed_at": "2026-01-02T03:04:05+00:00",
        }
        path = self.folder / "completions.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerow(row)
        self.service.manage("issue", str(path), "--tenant", self.slug)
        return self.service.run(
            "-c",
            "import django; django.setup()\n"
            "from certificates.models import Certificate\n"
            f"print(Certificate.objects.get(completion__event_id='{event_id}').credential_url)",
        ).strip()

    def rotate(self) -> None:
        """Publish another key, and return when it signs."""
        self.service.manage("rotate_keys", "--now", "--wait")

    def _signed(self, address: str) -> str:
        answer = self.service.request(
            "GET", urlsplit(address).path, headers={"Accept": "application/vc+jwt"}
        )
        assert answer.status == 200, address
        return answer.body.decode()


@pytest.fixture(scope="module")
def issuer(
    demo: dict[str, Any], demo_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Issuer:
    tenant = demo["tenants"][0]
    folder = tmp_path_factory.mktemp("interop")
    return Issuer(demo_service, tenant["slug"], tenant["courses"], folder)


@pytest.fixture(scope="module")
def tokens(issuer: Issuer) -> list[Token]:
    """Return the tokens of one certificate."""
    return issuer.tokens(issuer.issue())


@pytest.mark.parametrize("judge", [jose, jwcrypto_])
class TestTokens:
    def test_verify_through_the_fetched_key_set_before_and_after_a_rotation(
        self, judge: Judge, issuer: Issuer
    ) -> None:
        before = issuer.tokens(issuer.issue())
        first = judge(issuer.jwks, before)
        issuer.rotate()
        both = [*before, *issuer.tokens(issuer.issue())]
        answers = judge(issuer.jwks, both)

        assert [answer.get("kid") for answer in first] == [token.kid for token in before]
        assert [answer.get("kid") for answer in answers] == [token.kid for token in both]
        assert len({token.kid for token in both if token.typ == CREDENTIAL}) == 2
        assert all(answer["id"].startswith(issuer.service.base_url) for answer in answers)

    def test_verify_through_the_key_set_of_the_platform(
        self, judge: Judge, issuer: Issuer, tokens: list[Token]
    ) -> None:
        answers = judge(f"{issuer.service.base_url}/.well-known/jwks.json", tokens)

        assert [answer.get("kid") for answer in answers] == [token.kid for token in tokens]

    def test_are_refused_once_changed(
        self, judge: Judge, issuer: Issuer, tokens: list[Token]
    ) -> None:
        changed = [
            Token(f"{head}.{b64(unb64(body) + b' ')}.{signature}", token.typ)
            for token in tokens
            for head, body, signature in [token.compact.split(".")]
        ]

        assert all("error" in answer for answer in judge(issuer.jwks, changed))

    def test_have_a_twin_that_strangers_believe_and_we_do_not(
        self, judge: Judge, issuer: Issuer, tokens: list[Token]
    ) -> None:
        """JOSE knows no lower s, so the rule is ours alone: no verifier is asked to have it."""
        credential = tokens[0]

        assert "error" not in judge(issuer.jwks, [Token(twin(credential.compact), CREDENTIAL)])[0]
