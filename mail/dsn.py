"""Delivery status notifications: which letter came back, and whether for good (RFC 3464)."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from uuid import UUID

_MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>")


class NotABounce(Exception):
    """The message reports no failed delivery of a letter of ours; its text says what is amiss."""


@dataclass(frozen=True)
class Bounce:
    """A letter that came back. `is_final`: the address will never take one."""

    email_id: UUID
    is_final: bool


def read_bounce(content: bytes) -> Bounce:
    """Read a bounce as mail servers send it. Raises NotABounce."""
    message = message_from_bytes(content, policy=policy.default)
    status = _status(message)
    if status is None:
        raise NotABounce("the message holds no message/delivery-status part with a Status field")
    found = _MESSAGE_ID.search(_returned(message))
    if found is None:
        raise NotABounce("the returned headers hold no Message-ID of this installation")
    return Bounce(email_id=UUID(found.group(1)), is_final=status.startswith("5"))


def email_id_of(message_id: str) -> UUID | None:
    """Return the letter a Message-ID names, if it is one of ours."""
    text = message_id.strip()
    found = _MESSAGE_ID.fullmatch(text if text.startswith("<") else f"<{text}>")
    return UUID(found.group(1)) if found else None


def _status(message: Message) -> str | None:
    """Return the enhanced status code of a failed recipient (RFC 3463), such as 5.1.1."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.walk():
            action = str(block.get("Action", "")).strip().lower()
            if action == "failed" and block.get("Status"):
                return str(block["Status"]).strip()
    return None


def _returned(message: Message) -> str:
    """Return the headers of the letter that came back."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            return str(part.get_payload())
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            returned = inner[0] if isinstance(inner, list) else None
            return str(returned["Message-ID"]) if isinstance(returned, Message) else ""
    return ""
