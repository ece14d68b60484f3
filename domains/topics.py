"""Names of the tasks of domains."""

LOOK = "domains.look"
CHECK = "domains.check"
