"""What operators watch of rendering, and series that start at 0."""

from datetime import datetime

import pytest
from prometheus_client import REGISTRY

from certificates import gauges
from certificates.models import RenderJob
from tests.factories.rows import (
    make_certificate,
    make_completion,
    make_recipient,
)
from tests.factories.world import make_place

pytestmark = pytest.mark.django_db


def test_render_queue_depth_counts_jobs_that_are_queued_or_running(now: datetime) -> None:
    place = make_place(slug="zephyr", marker="Zephyrine")
    for state in RenderJob.State:
        recipient = make_recipient(place.tenant, name=f"Ada {state}")
        completion = make_completion(recipient, place.course, event_id=str(state))
        make_certificate(completion, place.version, job=state)
    assert gauges.render_queue_depth(now=now) == 2


def test_start_series_starts_every_tenant_and_template_at_zero() -> None:
    place = make_place(slug="zephyr", marker="Zephyrine")
    gauges.start_series()
    labels = {"tenant_id": place.tenant.pk, "template_id": place.template.pk}
    assert REGISTRY.get_sample_value("cert_issued_total", labels) == 0
