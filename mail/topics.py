"""Names of mail's tasks."""

SEND = "mail.send"
