from datetime import timedelta

from celery import current_app
from django.utils import timezone

from outbox import relay
from outbox.schedule import Schedule
from signing import topics
from signing.models import SigningKey


class TestRotate:
    def test_takes_what_is_due_by_its_name(self, platform_key: SigningKey) -> None:
        long_ago = timezone.now() - timedelta(days=100)
        SigningKey.objects.update(activated_at=long_ago)
        relay.task(topics.ROTATE)()

        assert SigningKey.objects.filter(state=SigningKey.State.NEXT).count() == 1

    def test_is_run_by_the_clock_and_without_a_broker_by_the_relay(self) -> None:
        entries = current_app.conf.beat_schedule

        assert entries[topics.ROTATE]["schedule"] <= 3600
        assert topics.ROTATE in Schedule(entries).due(now=timezone.now())
