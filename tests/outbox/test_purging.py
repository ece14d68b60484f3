"""Finished messages are forgotten after a while; dead ones never."""

from collections.abc import Callable
from datetime import datetime, timedelta

from outbox import policy, purging
from outbox.models import OutboxMessage

Send = Callable[..., OutboxMessage]


def test_purge_forgets_only_what_was_done_long_ago(send: Send, now: datetime) -> None:
    for key in ("old", "recent", "dead", "pending"):
        send(key)
    old = now - policy.KEPT - timedelta(seconds=1)
    rows = OutboxMessage.objects
    rows.filter(dedupe_key="old").update(done_at=old)
    rows.filter(dedupe_key="recent").update(done_at=now - policy.KEPT)
    rows.filter(dedupe_key="dead").update(dead_at=old)
    assert purging.purge(now=now) == 1
    assert set(rows.values_list("dedupe_key", flat=True)) == {"recent", "dead", "pending"}
    assert purging.purge(now=now) == 0
