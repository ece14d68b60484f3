"""The holder's way in, and what may be done there."""

import logging
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from certificates import ownership
from certificates.models import Case, Certificate, Recipient
from certificates.tokens import format_token
from mail import delivery
from mail.models import Email
from outbox.models import OutboxMessage
from tests.certificates.shown import HTML, path_of
from tests.factories.registry import Registry
from verification import buffer


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue("Ada Lovelace", title="Data Analysis")


def ask(client: Client, certificate: Certificate) -> Any:
    response = client.post(f"{path_of(certificate)}/owner", headers=HTML)
    assert response.status_code == 200
    assert not response.cookies
    return response


def address_of(certificate: Certificate, now: datetime) -> str:
    key = ownership.owner_key(certificate, expires_at=now + timedelta(hours=1))
    return f"/owner/{key}"


class TestOwnerLink:
    def test_is_sent_to_the_address_on_record(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        assert "Send me the link" in client.get(f"{path_of(certificate)}/owner").content.decode()
        ask(client, certificate)
        (email,) = Email.objects.filter(kind="owner_link")
        (message,) = OutboxMessage.objects.filter(task="mail.send")
        assert message.payload == {"email_id": str(email.pk)}, "no address, no key"
        delivery.send(email_id=email.pk, now=registry.now)
        (letter,) = outbox.outbox
        assert isinstance(letter, EmailMultiAlternatives)
        assert letter.to == ["lovelace@learners.example"]
        assert letter.subject == "Your link to the certificate: Data Analysis"
        (link,) = re.findall(r"http://testserver(/owner/\S+)", str(letter.body))
        assert link in str(letter.alternatives[0][0])
        assert "Who may see it" in client.get(link).content.decode()

    def test_is_answered_alike_whether_or_not_there_is_an_address(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        sent = ask(client, certificate)
        again = ask(client, certificate)  # within ten minutes
        Recipient.objects.update(email="")
        nobody = ask(client, certificate)
        assert sent.content == again.content == nobody.content
        assert Email.objects.filter(kind="owner_link").count() == 1

    def test_is_sent_five_times_a_day_at_most(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        moments = [registry.now + timedelta(minutes=11) * number for number in range(7)]
        sent = [ownership.ask_for_link(certificate=certificate, now=at) for at in moments]
        assert sent == [True] * 5 + [False] * 2
        later = registry.now + timedelta(days=1, hours=2)
        assert ownership.ask_for_link(certificate=certificate, now=later)

    def test_is_there_for_a_private_one_too_and_names_nobody(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        client.post(
            address_of(certificate, registry.now), {"act": "share", "visibility": "private"}
        )
        response = client.get(f"{path_of(certificate)}/owner")
        assert response.status_code == 200
        assert "Ada" not in response.content.decode()

    @pytest.mark.parametrize("code", ["nothing", "0000-0000-0000-0000-0000-0000-001Y"])
    def test_is_not_there_for_a_code_that_is_none(
        self, code: str, registry: Registry, client: Client
    ) -> None:
        assert client.get(f"/certificates/{code}/owner").status_code == 404
        assert client.post(f"/certificates/{code}/owner").status_code == 404


class TestKey:
    def test_opens_one_page_for_a_day(
        self,
        registry: Registry,
        certificate: Certificate,
        client: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        ask(client, certificate)
        letter = ownership.compose_letter(certificate.pk)
        assert not isinstance(letter, str)
        link = str(letter.facts["owner_url"]).removeprefix("http://testserver")
        for after, status in ((timedelta(hours=23, minutes=59), 200), (timedelta(days=1), 404)):
            monkeypatch.setattr(timezone, "now", lambda at=registry.now + after: at)
            response = client.get(link, headers=HTML)
            assert response.status_code == status
            assert response["Cache-Control"] == "no-store"
            assert response["X-Robots-Tag"] == "noindex"
            assert response["Referrer-Policy"] == "no-referrer"
        assert "This link has expired" in response.content.decode()

    def test_dies_with_the_address(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        link = address_of(certificate, registry.now)
        assert client.get(link).status_code == 200
        Recipient.objects.update(email="somebody@else.example")
        assert client.get(link).status_code == 404
        Recipient.objects.update(email="")
        assert client.get(link).status_code == 404

    def test_cannot_be_made_up_or_altered(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        link = address_of(certificate, registry.now)
        body, _, seal = link.rpartition(":")
        other = address_of(registry.issue("Eve Other"), registry.now)
        for forged in (
            f"{body}:{seal[:-1]}{'A' if seal[-1] != 'A' else 'B'}",
            f"{other.rpartition(':')[0]}:{seal}",
            f"/owner/{format_token(certificate.token)}",
            "/owner/e30:x",
        ):
            assert client.get(forged).status_code == 404
            assert client.post(forged, {"act": "share", "visibility": "private"}).status_code == 404
        certificate.refresh_from_db()
        assert certificate.visibility is Certificate.Visibility.UNLISTED

    def test_reaches_no_log_line(
        self,
        registry: Registry,
        certificate: Certificate,
        client: Client,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        link = address_of(certificate, registry.now)
        with caplog.at_level(logging.INFO):
            client.get(link)
            client.post(link, {"act": "correction", "wanted_name": "Ada King"})
            client.get(f"{link}x")
        said = caplog.text + "".join(capfd.readouterr())
        for secret in (link.removeprefix("/owner/"), "Ada King", "lovelace@"):
            assert secret not in said


class TestOwnerPage:
    def test_changes_who_may_see_it(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        link = address_of(certificate, registry.now)
        for visibility, status in (("private", 404), ("public", 200), ("unlisted", 200)):
            response = client.post(link, {"act": "share", "visibility": visibility})
            assert response.status_code == 303
            assert "Your choice holds" in client.get(response["Location"]).content.decode()
            assert client.get(path_of(certificate)).status_code == status
            checked = rf'value="{visibility}"\s+checked'
            assert re.search(checked, client.get(link).content.decode())

    def test_says_how_often_it_was_checked(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        address = f"/verify/{format_token(certificate.token)}"
        browser = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
        for _ in range(3):
            client.get(address, headers={**HTML, **browser})
        buffer.drain(now=registry.now)
        page = client.get(address_of(certificate, registry.now)).content.decode()
        assert re.findall(r"<dd>\s*(\d+)\s*</dd>", page) == ["3", "3"]

    def test_asks_for_a_correction_once(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        link = address_of(certificate, registry.now)
        wish = {"act": "correction", "wanted_name": "Ada King", "text": "I have married."}
        for _ in range(2):
            response = client.post(link, wish)
            assert response.status_code == 303
        case = Case.objects.get()
        assert (case.tenant, case.kind, case.state) == (registry.tenant, "correction", "open")
        assert (case.wanted_name, case.text) == ("Ada King", "I have married.")
        page = client.get(response["Location"]).content.decode()
        assert "the issuer has not answered yet" in page
        assert "The name is wrong" not in page

    def test_asks_for_deletion_when_it_is_meant(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        link = address_of(certificate, registry.now)
        slip = client.post(link, {"act": "deletion"})
        assert slip.status_code == 400
        assert "Tick the box if you mean it." in slip.content.decode()
        assert not Case.objects.exists()
        assert client.post(link, {"act": "deletion", "is_meant": "yes"}).status_code == 303
        assert Case.objects.get().kind == Case.Kind.DELETION

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"act": "nothing"},
            {"act": "share", "visibility": "secret"},
            {"act": "correction"},
            {"act": "correction", "wanted_name": "Ada \u202eKing"},
            {"act": "correction", "wanted_name": "A" * 5000},
            {"act": "correction", "wanted_name": "Ada", "text": "x" * 2001},
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, sent: dict[str, str], registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        response = client.post(address_of(certificate, registry.now), sent)
        assert response.status_code == 400
        assert not Case.objects.exists()
        assert certificate.visibility is Certificate.Visibility.UNLISTED

    def test_keeps_what_was_typed(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        sent = {"act": "correction", "wanted_name": "", "text": "<b>Long story</b>"}
        page = client.post(address_of(certificate, registry.now), sent).content.decode()
        assert "Write the name as it should be printed." in page
        assert "&lt;b&gt;Long story&lt;/b&gt;" in page
