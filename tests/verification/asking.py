"""One of several processes that are asked for the same token, as often as each line says.

For each line of its input it counts so many questions at one moment, shares them, and writes how
often it has told of a burst.
"""

import sys
from datetime import UTC, datetime

import django

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def main() -> None:
    """Count and share."""
    from observability import metrics
    from observability.origins import Origin
    from verification import bursts
    from verification.answered import Answered

    answered = Answered("issued", "", "", "f" * 16, "", since=0, until=0, ends=0)
    origin = Origin("CH", "monitor")
    told = metrics.VERIFY_ANOMALY.labels("token_burst")
    for line in sys.stdin:
        bursts.note(answered, at=NOW.timestamp(), origin=origin, number=int(line))
        bursts.share(now=NOW)
        sys.stdout.write(f"{int(told._value.get())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    main()
