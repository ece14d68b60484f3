"""What verifiers are told once a key was stolen."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client

from certificates import resigning
from certificates.credential.baking import bake
from certificates.models import Artifact, Certificate, Securing
from certificates.queries import securing_of
from certificates.tokens import format_token
from signing import custody, jws, keyring, verifier
from signing.models import SigningKey
from tests.factories.registry import Registry
from tests.factories.rows import PIXEL
from tests.verification.test_evidence import keep, pdf_with
from verification.evidence import examine_file
from verification.verdict import State

HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}
HOUR = timedelta(hours=1)


class Thief:
    """Somebody who took the platform's key, private part and all."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.key = keyring.active_key(tenant=registry.tenant)
        self._sign = custody.opened(self.key)

    def forge(self, certificate: Certificate, **changes: object) -> str:
        """Return a sound signature over a credential that says something else."""
        payload = json.loads(jws.parse(securing_of(certificate).content).payload)
        (token,) = jws.sign(
            signature=self._sign,
            algorithm=self.key.algorithm,
            kid=keyring.kid_urls(self.key)[0],
            typ="JWT",
            payloads=[json.dumps({**payload, **changes}).encode()],
        )
        return token

    def is_found_out(self, *, since: datetime) -> None:
        """The key is withdrawn; nothing is signed again yet."""
        resigning.report_theft(
            thumbprint=self.key.thumbprint,
            since=since,
            reason="",
            actor="user:1",
            now=self.registry.now,
        )


@pytest.fixture
def thief(registry: Registry) -> Thief:
    return Thief(registry)


def sign_again(registry: Registry, key: SigningKey) -> None:
    ids = list(Securing.objects.values_list("pk", flat=True))
    resigning.sign_again(kid=key.thumbprint, securing_ids=ids, now=registry.now)


def path_of(certificate: Certificate) -> str:
    return f"/verify/{format_token(certificate.token)}"


class TestGoodCertificate:
    @pytest.mark.parametrize("is_signed_again", [False, True])
    def test_is_issued_before_and_after_it_is_signed_again(
        self, registry: Registry, thief: Thief, client: Client, is_signed_again: bool
    ) -> None:
        certificate = registry.issue(at=registry.now - 2 * HOUR)
        thief.is_found_out(since=registry.now - HOUR)
        if is_signed_again:
            sign_again(registry, thief.key)
        document = client.get(path_of(certificate), headers=JSON).json()
        assert (document["result"], document["in_force"]) == ("issued", True)
        assert ("withdrawn later" in document["checks"][0]["detail"]) is not is_signed_again
        assert (document["kid"] == thief.key.thumbprint) is not is_signed_again
        page = client.get(path_of(certificate), headers=HTML)
        assert (page.status_code, b"is valid" in page.content) == (200, True)

    @pytest.mark.parametrize("is_signed_again", [False, True])
    def test_is_known_by_every_file_that_was_ever_given_out(
        self, registry: Registry, thief: Thief, is_signed_again: bool
    ) -> None:
        certificate = registry.issue(at=registry.now - 2 * HOUR)
        old = securing_of(certificate).content
        badge = bake(PIXEL, old)
        files = [
            old.encode(),
            keep(certificate, pdf_with(content=old.encode()), registry.now),
            badge,
        ]
        Artifact.objects.filter(format="pdf").update(paper="letter")
        keep(certificate, badge, registry.now)
        thief.is_found_out(since=registry.now - HOUR)
        if is_signed_again:
            sign_again(registry, thief.key)
        for file in files:
            report = examine_file(content=file, now=registry.now)
            assert report.verdict.state is State.IN_FORCE
            assert report.certificate == certificate
            assert "our own record of it is older" in report.verdict.checks[0].detail


class TestForgery:
    @pytest.mark.parametrize("is_signed_again", [False, True])
    def test_is_invalid_and_the_page_says_why(
        self, registry: Registry, thief: Thief, client: Client, is_signed_again: bool
    ) -> None:
        certificate = registry.issue(at=registry.now - 2 * HOUR)
        forged = thief.forge(certificate, name="Doctor of Everything")
        thief.is_found_out(since=registry.now - HOUR)
        if is_signed_again:
            sign_again(registry, thief.key)
        report = examine_file(content=forged.encode(), now=registry.now)
        assert (report.verdict.state, report.certificate) == (State.COMPROMISED, None)
        assert "does not show this document" in report.verdict.checks[0].detail
        assert (report.stolen_at, report.is_on_record) == (registry.now - HOUR, False)

    def test_is_invalid_though_it_says_the_very_same(
        self, registry: Registry, thief: Thief
    ) -> None:
        certificate = registry.issue(at=registry.now - 2 * HOUR)
        copy = thief.forge(certificate)
        assert verifier.verify(
            tenant=registry.tenant, compact=copy, typ="JWT", now=registry.now
        ).payload
        thief.is_found_out(since=registry.now - HOUR)
        state = examine_file(content=copy.encode(), now=registry.now).verdict.state
        assert state is State.COMPROMISED

    def test_gets_no_better_by_a_good_keys_signature(
        self, registry: Registry, thief: Thief, client: Client
    ) -> None:
        """A row that came after the theft stays invalid, whoever signs its bytes again."""
        certificate = registry.issue()
        thief.is_found_out(since=registry.now)
        first = Securing.objects.get()
        new = keyring.active_key(tenant=registry.tenant)
        (token,) = jws.sign(
            signature=custody.opened(new),
            algorithm=new.algorithm,
            kid=keyring.kid_urls(new)[0],
            typ="JWT",
            payloads=[jws.parse(first.content).payload],
        )
        Securing.objects.create(
            certificate=certificate,
            generation=2,
            kid=new.thumbprint,
            subject=first.subject,
            content=token,
            sha256="0" * 64,
            created_at=registry.now,
        )
        assert client.get(path_of(certificate), headers=JSON).json()["result"] == "invalid"


class TestCertificateRecordedAfterTheTheft:
    def test_says_why_on_its_page_in_each_language(
        self, registry: Registry, thief: Thief, client: Client
    ) -> None:
        certificate = registry.issue()
        thief.is_found_out(since=registry.now - HOUR)
        page = client.get(path_of(certificate), headers=HTML)
        assert page.status_code == 400
        assert "stolen on 1 March 2026" in page.content.decode()
        assert "does not show that it was signed before the theft" in page.content.decode()
        arabic = client.get(path_of(certificate) + "?lang=ar", headers=HTML).content.decode()
        assert "سُرق" in arabic
        assert "1 مارس 2026" in arabic

    def test_says_why_in_its_document_and_shows_nothing_of_it(
        self, registry: Registry, thief: Thief, client: Client
    ) -> None:
        certificate = registry.issue()
        thief.is_found_out(since=registry.now - HOUR)
        response = client.get(path_of(certificate), headers=JSON)
        document = response.json()
        assert (response.status_code, document["result"]) == (400, "invalid")
        assert document["checks"][0]["outcome"] == "failed"
        assert "stolen on 2026-03-01" in document["checks"][0]["detail"]
        assert document.keys() == {"result", "in_force", "checked_at", "checks"}
        assert response["Cache-Control"] == "no-store"
