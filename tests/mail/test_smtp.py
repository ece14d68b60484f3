"""Letters handed to a real mail server, as EMAIL_URL says: TLS, refusals, a server that is away."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from config.email import email_settings
from mail import delivery
from mail.models import Email, Sender, Suppression
from outbox import policy as patience
from outbox import relay, resending
from outbox.models import OutboxMessage
from tests.certificates.world import issued, issuing_tenant
from tests.mail.server import Post, certificate, serving
from tests.processes import free_port

pytestmark = pytest.mark.django_db

ADDRESS = "ada@example.org"


@pytest.fixture
def email() -> Email:
    """Return a letter that waits."""
    tenant = issuing_tenant()
    Sender.objects.create(
        tenant=tenant, name="Harbour", address="certs@harbour.example", tells_recipients=True
    )
    found: Email = Email.objects.get(subject_id=issued(tenant, recipient_email=ADDRESS).pk)
    return found


@pytest.fixture
def post() -> Post:
    return Post()


@dataclass(frozen=True)
class Tls:
    """One way of TLS: as EMAIL_URL names it, the server's options, and what makes it trusted."""

    scheme: str
    options: dict[str, Any]
    authority: Path


@pytest.fixture(params=["submission", "smtps"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> Tls:
    context, authority = certificate(tmp_path)
    starttls = {"tls_context": context, "require_starttls": True}
    options = starttls if request.param == "submission" else {"ssl_context": context}
    return Tls(request.param, options, authority)


@pytest.fixture
def trusted(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the server's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))


def use(settings: Settings, url: str) -> None:
    for name, value in email_settings(url).items():
        setattr(settings, name, value)


def state(email: Email) -> str:
    email.refresh_from_db()
    return email.state


class TestTheConnection:
    def test_carries_both_forms_of_a_letter(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        with serving(post) as port:
            use(settings, f"smtp://127.0.0.1:{port}")
            delivery.send(email_id=email.pk, now=now)
        (content,) = post.letters
        letter = message_from_bytes(content, policy=policy.default)
        assert letter["Message-ID"] == delivery.message_id(email)
        assert letter["From"] == "Harbour <certs@harbour.example>"
        kinds = [part.get_content_type() for part in letter.walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert state(email) == Email.State.SENT

    @pytest.mark.usefixtures("trusted")
    def test_is_encrypted_where_the_address_says_so(
        self, settings: Settings, email: Email, post: Post, now: datetime, tls: Tls
    ) -> None:
        with serving(post, **tls.options) as port:
            use(settings, f"{tls.scheme}://127.0.0.1:{port}")
            delivery.send(email_id=email.pk, now=now)
        assert post.encrypted == [True]
        assert state(email) == Email.State.SENT

    def test_is_refused_to_a_server_nobody_vouches_for(
        self, settings: Settings, email: Email, post: Post, now: datetime, tls: Tls
    ) -> None:
        with serving(post, **tls.options) as port:
            use(settings, f"{tls.scheme}://127.0.0.1:{port}")
            with pytest.raises(ssl.SSLCertVerificationError):
                delivery.send(email_id=email.pk, now=now)
        assert (post.letters, state(email)) == ([], Email.State.QUEUED)

    def test_is_refused_to_a_server_without_tls_where_it_is_wanted(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        with serving(post) as port:
            use(settings, f"submission://127.0.0.1:{port}")
            with pytest.raises(smtplib.SMTPNotSupportedError):
                delivery.send(email_id=email.pk, now=now)
        assert (post.letters, state(email)) == ([], Email.State.QUEUED)


class TestTheServer:
    def test_away_gets_the_letter_when_it_is_back(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        use(settings, f"smtp://127.0.0.1:{free_port()}")
        assert relay.deliver(now=now, only="mail.send") == 1
        assert state(email) == Email.State.QUEUED
        assert email.reason.startswith("ConnectionRefusedError")
        with serving(post) as port:
            use(settings, f"smtp://127.0.0.1:{port}")
            later = now + patience.wait_after(attempts=1)
            assert relay.deliver(now=later, only="mail.send") == 1
        assert (len(post.letters), state(email), email.reason) == (1, Email.State.SENT, "")

    def test_that_refuses_the_address_for_good_is_not_asked_again(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        post.answers["RCPT"] = "550 no such user"
        with serving(post) as port:
            use(settings, f"smtp://127.0.0.1:{port}")
            relay.deliver(now=now, only="mail.send")
        assert state(email) == Email.State.BOUNCED
        assert Suppression.objects.count() == 1
        assert not OutboxMessage.objects.pending().filter(task="mail.send").exists()

    def test_that_has_no_time_for_the_address_is_asked_again(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        post.answers["RCPT"] = f"451 greylisted {ADDRESS}"
        with serving(post) as port:
            use(settings, f"smtp://127.0.0.1:{port}")
            relay.deliver(now=now, only="mail.send")
            assert state(email) == Email.State.QUEUED
            assert ADDRESS not in email.reason
            post.answers.clear()
            relay.deliver(now=now + timedelta(minutes=1), only="mail.send")
        assert (state(email), Suppression.objects.count()) == (Email.State.SENT, 0)

    def test_that_refuses_the_words_is_given_up_with_its_reason(
        self, settings: Settings, email: Email, post: Post, now: datetime
    ) -> None:
        post.answers["DATA"] = "554 looks like spam"
        with serving(post) as port:
            use(settings, f"smtp://127.0.0.1:{port}")
            for _ in range(patience.MAX_ATTEMPTS):
                now += timedelta(minutes=5)
                assert relay.deliver(now=now, only="mail.send") == 1
            assert state(email) == Email.State.FAILED
            assert "554" in email.reason
            assert "looks like spam" in email.reason
            post.answers.clear()
            message = OutboxMessage.objects.dead().get()
            resending.send_again(message_ids=[message.pk], now=now)
            relay.deliver(now=now, only="mail.send")
        assert (state(email), len(post.letters)) == (Email.State.SENT, 1)
