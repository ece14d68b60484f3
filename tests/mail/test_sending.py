"""Letters about certificates, from the issue to the inbox and back."""

import io
import smtplib
import sys
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from certificates import announcing, revocation
from certificates.models import Certificate, Recipient
from mail import bounces, delivery
from mail.models import Email, Sender, Suppression
from outbox.models import OutboxMessage
from tenants.models import Tenant
from tests.certificates.world import issued, issuing_tenant
from tests.mail.test_dsn import EMAIL_ID, notification

pytestmark = pytest.mark.django_db

ADDRESS = "ada@example.org"
TOKEN = "secret of the provider"


@pytest.fixture
def tenant() -> Tenant:
    """Return a tenant that writes to its learners."""
    tenant = issuing_tenant()
    Sender.objects.create(
        tenant=tenant,
        name="Harbour, Line & Co",
        address="certs@harbour.example",
        reply_to="desk@harbour.example",
        tells_recipients=True,
    )
    return tenant


def told(tenant: Tenant, event_id: str = "evt-1", **changes: Any) -> tuple[Certificate, Email]:
    certificate = issued(tenant, event_id, **{"recipient_email": ADDRESS, **changes})
    return certificate, Email.objects.get(subject_id=certificate.pk)


def posted() -> EmailMultiAlternatives:
    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


class TestAnnounce:
    def test_asks_for_a_letter_that_names_nobody(self, tenant: Tenant) -> None:
        _, email = told(tenant)
        (message,) = OutboxMessage.objects.filter(task="mail.send")
        assert message.payload == {"email_id": str(email.pk)}
        assert outbox.outbox == []

    def test_leaves_people_without_an_address_alone(self, tenant: Tenant) -> None:
        issued(tenant)
        assert not Email.objects.exists()

    def test_writes_only_where_the_tenant_wants_it(self) -> None:
        issued(issuing_tenant(), recipient_email=ADDRESS)
        assert not Email.objects.exists()

    def test_writes_again_when_an_operator_asks(self, tenant: Tenant, now: datetime) -> None:
        certificate, first = told(tenant)
        delivery.send(email_id=first.pk, now=now)
        again = announcing.announce_again(certificate=certificate, now=now)
        delivery.send(email_id=again.pk, now=now)
        assert [message.to for message in outbox.outbox] == [[ADDRESS], [ADDRESS]]
        assert [email.copy for email in announcing.letters_about(certificate)] == [1, 2]


class TestSend:
    def test_hands_over_a_letter_in_text_and_html(self, tenant: Tenant, now: datetime) -> None:
        _, email = told(tenant, recipient_name="Ada <Lovelace> & Søn")
        delivery.send(email_id=email.pk, now=now)
        message = posted()
        assert message.subject == "Your certificate: First Aid at Work"
        assert message.from_email == '"Harbour, Line & Co" <certs@harbour.example>'
        assert (message.to, message.reply_to) == ([ADDRESS], ["desk@harbour.example"])
        assert message.extra_headers["Message-ID"] == f"<{email.pk}@testserver>"
        assert "Ada <Lovelace> & Søn" in message.body
        (html,) = message.alternatives
        assert "Ada &lt;Lovelace&gt; &amp; Søn" in str(html[0])
        for part in (message.body, str(html[0])):
            assert "/certificates/" in part
            assert "/verify/" in part
        email.refresh_from_db()
        assert (email.state, email.sent_at) == (Email.State.SENT, now)

    def test_sends_it_once(self, tenant: Tenant, now: datetime) -> None:
        _, email = told(tenant)
        for _ in range(2):
            delivery.send(email_id=email.pk, now=now)
        posted()

    def test_keeps_what_came_back_while_it_was_handed_over(
        self, tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, email = told(tenant)

        def come_back_at_once(*_: Any) -> None:
            bounces.note(email_id=email.pk, reason="came back", is_final=False, now=now)

        monkeypatch.setattr(EmailMultiAlternatives, "send", come_back_at_once)
        delivery.send(email_id=email.pk, now=now)
        email.refresh_from_db()
        assert (email.state, email.reason) == (Email.State.BOUNCED, "came back")
        assert email.sent_at == now

    def test_writes_in_the_reader_s_language(self, tenant: Tenant, now: datetime) -> None:
        _, email = told(tenant, language="ar-EG")
        delivery.send(email_id=email.pk, now=now)
        message = posted()
        assert message.subject.startswith("شهادتك")
        assert '<html lang="ar" dir="rtl">' in str(message.alternatives[0][0])

    def test_cannot_be_given_a_second_header(self, tenant: Tenant, now: datetime) -> None:
        certificate, email = told(tenant)
        course = certificate.course_version
        course.title = "First Aid\r\nBcc: everybody@example.org"
        course.save()
        delivery.send(email_id=email.pk, now=now)
        assert posted().subject == "Your certificate: First Aid Bcc: everybody@example.org"
        assert "Bcc" not in posted().message()

    def test_says_nothing_of_what_was_revoked_meanwhile(
        self, tenant: Tenant, now: datetime
    ) -> None:
        certificate, email = told(tenant)
        revocation.revoke(
            certificate=certificate, reason=Certificate.Reason.FRAUD, actor="user:1", now=now
        )
        delivery.send(email_id=email.pk, now=now)
        email.refresh_from_db()
        assert (outbox.outbox, email.state) == ([], Email.State.DROPPED)
        assert "revoked" in email.reason

    def test_leaves_an_erased_person_alone(self, tenant: Tenant, now: datetime) -> None:
        _, email = told(tenant)
        Recipient.objects.update(email="")
        delivery.send(email_id=email.pk, now=now)
        email.refresh_from_db()
        assert (outbox.outbox, email.state) == ([], Email.State.DROPPED)

    def test_waits_while_the_mail_server_is_away(
        self, tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, email = told(tenant)

        def away(_: EmailMultiAlternatives) -> int:
            raise ConnectionRefusedError

        monkeypatch.setattr(EmailMultiAlternatives, "send", away)
        with pytest.raises(ConnectionRefusedError):
            delivery.send(email_id=email.pk, now=now)
        email.refresh_from_db()
        assert email.state == Email.State.QUEUED

    @pytest.mark.parametrize(("code", "is_final"), [(550, True), (451, False)])
    def test_writes_no_more_to_an_address_that_is_refused_for_good(
        self,
        tenant: Tenant,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
        code: int,
        is_final: bool,
    ) -> None:
        _, email = told(tenant)

        def refused(_: EmailMultiAlternatives) -> int:
            raise smtplib.SMTPRecipientsRefused({ADDRESS: (code, b"no")})

        with monkeypatch.context() as patch:
            patch.setattr(EmailMultiAlternatives, "send", refused)
            if is_final:
                delivery.send(email_id=email.pk, now=now)
            else:
                with pytest.raises(smtplib.SMTPRecipientsRefused):
                    delivery.send(email_id=email.pk, now=now)
        assert Suppression.objects.exists() == is_final
        _, later = told(tenant, "evt-2", recipient_id="another", recipient_email=ADDRESS.upper())
        delivery.send(email_id=later.pk, now=now)
        assert bool(outbox.outbox) == (not is_final)

    def test_is_suppressed_for_one_tenant_only(self, tenant: Tenant, now: datetime) -> None:
        other = issuing_tenant("other")
        delivery.suppress(tenant_id=other.pk, address=ADDRESS, reason="complaint", now=now)
        _, email = told(tenant)
        delivery.send(email_id=email.pk, now=now)
        posted()
        assert ADDRESS not in str(Suppression.objects.values())


class TestBounces:
    def _notify(self, settings: Settings, body: dict[str, Any], token: str = TOKEN) -> Any:
        settings.MAIL_WEBHOOK_TOKEN = TOKEN
        return Client().post(
            "/mail/bounces",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    def test_by_webhook_end_the_letters_to_an_address(
        self, tenant: Tenant, now: datetime, settings: Settings
    ) -> None:
        _, email = told(tenant)
        delivery.send(email_id=email.pk, now=now)
        body = {"message_id": delivery.message_id(email), "event": "complaint"}
        assert self._notify(settings, body).status_code == 204
        email.refresh_from_db()
        assert (email.state, email.reason) == (Email.State.BOUNCED, "complaint")
        assert delivery.is_suppressed(tenant_id=tenant.pk, address=ADDRESS)

    def test_that_may_pass_do_not(self, tenant: Tenant, settings: Settings) -> None:
        _, email = told(tenant)
        body = {
            "message_id": delivery.message_id(email),
            "event": "bounce",
            "is_final": False,
        }
        assert self._notify(settings, body).status_code == 204
        assert not Suppression.objects.exists()

    def test_need_the_provider_s_token(self, settings: Settings) -> None:
        body = {"message_id": f"<{EMAIL_ID}@host>", "event": "bounce"}
        assert self._notify(settings, body, token="guess").status_code == 401
        settings.MAIL_WEBHOOK_TOKEN = ""
        answer = Client().post(
            "/mail/bounces",
            body,
            content_type="application/json",
            headers={"Authorization": "Bearer "},
        )
        assert answer.status_code == 401

    def test_of_unknown_letters_tell_a_stranger_nothing(self, settings: Settings) -> None:
        body = {"message_id": f"<{uuid4()}@host>", "event": "bounce"}
        assert self._notify(settings, body).status_code == 204
        answer = self._notify(settings, {"message_id": "x", "event": "bounce"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/message_id"

    def test_by_mailbox_are_noted(
        self, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, email = told(tenant)
        content = notification().replace(str(EMAIL_ID).encode(), str(email.pk).encode())
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        call_command("read_bounce")
        assert capsys.readouterr().out == "Noted.\n"
        email.refresh_from_db()
        assert email.state == Email.State.BOUNCED

    def test_by_mailbox_that_are_none_say_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Subject: hello\n\nhello")))
        with pytest.raises(CommandError, match="Nothing was noted"):
            call_command("read_bounce")
