"""The clock in a hurry: what is due every minute comes every second."""

from celery.schedules import schedule

from outbox.clock import Clock


class HurriedScheduler(Clock):
    """The entries of the configuration; only the time between two runs is shorter."""

    def setup_schedule(self) -> None:
        """Read the configuration, then hurry."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.schedule = schedule(run_every=1.0, app=self.app)
