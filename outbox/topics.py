"""Names of the outbox's own tasks."""

RUN = "outbox.run"
SWEEP = "outbox.sweep"
PURGE = "outbox.purge"
