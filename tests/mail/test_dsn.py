"""Bounces as mail servers send them."""

from uuid import UUID

import pytest

from mail.dsn import Bounce, NotABounce, email_id_of, read_bounce

EMAIL_ID = UUID("7b8b1f0e-6f7d-4f3c-9c0e-0a4b3f5d2c11")


def notification(
    *, action: str = "failed", status: str = "5.1.1", returned: str = "text/rfc822-headers"
) -> bytes:
    """Return a delivery status notification in the form of RFC 3464, appendix E."""
    return f"""\
From: mailer-daemon@mx.example.org
To: certificates@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; nobody@example.org
Action: {action}
Status: {status}

--b
Content-Type: {returned}

Message-ID: <{EMAIL_ID}@certificates.example.org>
Subject: Your certificate

--b--
""".encode()


class TestReadBounce:
    @pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
    def test_names_the_letter(self, returned: str) -> None:
        assert read_bounce(notification(returned=returned)) == Bounce(EMAIL_ID, is_final=True)

    def test_tells_a_full_mailbox_from_an_unknown_one(self) -> None:
        assert not read_bounce(notification(status="4.2.2")).is_final

    def test_leaves_delays_alone(self) -> None:
        with pytest.raises(NotABounce, match="delivery-status"):
            read_bounce(notification(action="delayed"))

    def test_leaves_letters_of_others_alone(self) -> None:
        other = notification().replace(str(EMAIL_ID).encode(), b"20261122.17@other")
        with pytest.raises(NotABounce, match="Message-ID"):
            read_bounce(other)

    @pytest.mark.parametrize("junk", [b"", b"\xff\xfe\x00", b"hello", b"Content-Type: multipart/x"])
    def test_refuses_junk(self, junk: bytes) -> None:
        with pytest.raises(NotABounce):
            read_bounce(junk)


class TestEmailIdOf:
    @pytest.mark.parametrize("text", [f"<{EMAIL_ID}@host>", f" {EMAIL_ID}@host "])
    def test_takes_it_with_brackets_and_without(self, text: str) -> None:
        assert email_id_of(text) == EMAIL_ID

    @pytest.mark.parametrize("text", ["", "<17@host>", f"<{EMAIL_ID}>", f"<{EMAIL_ID}@a@b>x"])
    def test_refuses_others(self, text: str) -> None:
        assert email_id_of(text) is None
