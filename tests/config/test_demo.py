"""What the demo waits for."""

import pytest

from certificates.models import RenderJob
from config.demonstration import world
from tests.factories.rows import make_certificate, make_completion, make_recipient
from tests.factories.world import make_place

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("event_id", "state", "waits"),
    [
        ("demo-zephyr-01", RenderJob.State.QUEUED, True),
        ("demo-zephyr-01", RenderJob.State.RUNNING, True),
        ("demo-zephyr-01", RenderJob.State.DONE, False),
        ("demo-zephyr-01", RenderJob.State.HELD, False),
        ("lms-1", RenderJob.State.QUEUED, False),
    ],
)
def test_waits_for_the_files_of_its_own_certificates_alone(
    event_id: str, state: RenderJob.State, *, waits: bool
) -> None:
    place = make_place(slug="zephyr", marker="Zephyrine")
    completion = make_completion(make_recipient(place.tenant), place.course, event_id=event_id)
    make_certificate(completion, place.version, job=state)
    assert world.awaits_files() is waits
