"""Names of verification's tasks."""

TIDY = "verification.tidy"
