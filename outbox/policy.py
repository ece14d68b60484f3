"""How patient the outbox is: pure numbers and one rule."""

from datetime import timedelta

MAX_ATTEMPTS = 8
# What waits for a disk or a service that is away is counted no further: it looks again after about
# a minute, and the death of its process leaves it two attempts.
MOST_COUNTED = MAX_ATTEMPTS - 2
# A message whose holder was killed is taken again after this long. A task that runs longer may
# run twice at once, which every task must bear.
LEASE = timedelta(seconds=15)
# A message that was sent but never run, because the broker lost it or its queue is long, is
# sent again. Its copy stands behind it in the queue, and costs one query when it is reached.
RESEND = timedelta(minutes=1)
# How much of one tenant's work for one task, in milliseconds, may stand in the broker's queue: a
# queue keeps its order, so what stands there is what a newcomer waits for. The rest waits here.
WINDOW = 1000
# Light messages travel to a worker together, up to this many milliseconds of work at a time: the
# broker's own work is a good part of a millisecond for each thing it carries.
BUNDLE = 100
# How long messages of finished tasks are kept for the operator's eye.
KEPT = timedelta(days=14)
# No wait is longer: what seems to wait longer was put off by a clock that was wrong.
LONGEST_WAIT = timedelta(minutes=5)


def wait_after(*, attempts: int) -> timedelta:
    """Return how long a message rests after its n-th failure: 2, 4, 8 … seconds."""
    return timedelta(seconds=min(2**attempts, LONGEST_WAIT.total_seconds()))
