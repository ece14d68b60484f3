"""Names of the tasks this app asks the outbox to run."""

ISSUE = "certificates.issue"
# The same for imports and backfill: a lane and a queue of their own, so that nobody waits for them.
ISSUE_BULK = "certificates.issue_bulk"
RENDER = "certificates.render"
# The same for many at once: a lane of their own, so that nobody's one file waits behind them.
RENDER_BULK = "certificates.render_bulk"
RERENDER = "certificates.rerender"
RESIGN_LOOK = "certificates.resign_look"
RESIGN = "certificates.resign"
RENDER_HELD = "certificates.render_held"
