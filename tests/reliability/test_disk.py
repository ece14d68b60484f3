"""No room on the disk, or no bucket: nothing torn is given out, nothing acknowledged is lost.

Whatever waits goes on by itself when there is room again.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.disk import Disk
from tests.processes import wait_until
from tests.reliability.downloads import Downloads
from tests.reliability.platform import Platform
from tests.s3 import S3Server
from tests.service import Answer, Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
EVENTS, WRITERS, ROUNDS = (12, 4, 5) if LONG else (2, 2, 1)
PERIOD_SECONDS = 0.5 if LONG else 1.0
# The longest rest of what waits for a disk is a minute; then the work is done, on a busy machine.
RECOVERY_SECONDS = 1_200 if LONG else 300
FILES = 6


@pytest.fixture
def service(migrated_service: Service) -> Service:
    """Return a migrated service on the database of this run."""
    return migrated_service


@pytest.fixture
def on_the_disk(migrated: Path, disk: Disk) -> Iterator[Service]:
    """Yield a service whose database, files and logs lie on the small disk."""
    service = Service(shutil.copytree(migrated, disk.path / "data"))
    yield service
    service.kill()


@pytest.fixture
def bucket() -> Iterator[S3Server]:
    """Yield an S3 server that this test alone uses, and stops."""
    server = S3Server()
    yield server
    server.stop()


def platform_of(service: Service) -> Platform:
    made = json.loads(service.run("-m", "tests.reliability.world", "plain"))
    return Platform(service, **made, writers=WRITERS, period=PERIOD_SECONDS)


def report(platform: Platform) -> None:
    for _ in range(EVENTS):
        platform.report(uuid4().hex)


def await_more(platform: Platform, number: int) -> None:
    enough = len(platform.acknowledged) + number
    wait_until(lambda: len(platform.acknowledged) >= enough, what="completions are acknowledged")


def await_files(platform: Platform) -> None:
    downloads = Downloads(platform)
    pages = downloads.pages()
    wait_until(
        lambda: downloads.are_whole(pages), what="every file is made", seconds=RECOVERY_SECONDS
    )


def assert_recovered(platform: Platform, told: Callable[[Tally], Tally]) -> None:
    await_files(platform)
    found = json.loads(platform.service.run("-m", "tests.reliability.world", "inspect"))
    tally = told(platform.tally(found["certificates_by_event"]))
    assert (tally.lost, tally.duplicate) == (0, 0)
    assert platform.refused == []
    assert found["damaged_files"] == []
    assert found["integrity"] == "ok"


def waiting(platform: Platform) -> int:
    """Return how often a message has met the fault and waits, by the service's own log."""
    return (platform.service.folder / "service.log").read_text().count("message_waits")


def says_prepared(answer: Answer) -> bool:
    return answer.status == 200 and "being prepared" in answer.body.decode()


class TestMediaFull:
    def test_files_wait_and_certificates_do_not(
        self, service: Service, disk: Disk, told: Callable[[Tally], Tally]
    ) -> None:
        service.variables["MEDIA_ROOT"] = str(disk.path / "media")
        platform = platform_of(service)
        downloads = Downloads(platform)
        service.start()
        with platform:
            for _ in range(ROUNDS):
                await_more(platform, EVENTS)
                before = waiting(platform)
                disk.fill()
                await_more(platform, EVENTS)
                wait_until(
                    lambda before=before: waiting(platform) > before,  # type: ignore[misc]
                    what="files wait for room",
                )
                newest = downloads.pages()[-1]
                wait_until(
                    lambda page=newest: says_prepared(downloads.page(page)),  # type: ignore[misc]
                    what="a certificate is issued without its files",
                )
                for page in downloads.pages():
                    downloads.whole(page)
                disk.free()
        assert_recovered(platform, told)
        assert list((disk.path / "media" / "unfinished").iterdir()) == []


@pytest.mark.once
class TestDatabaseVolumeFull:
    def test_is_answered_503_and_nothing_acknowledged_is_lost(
        self, on_the_disk: Service, disk: Disk, told: Callable[[Tally], Tally]
    ) -> None:
        service = on_the_disk
        platform = platform_of(service)
        service.start()
        with platform:
            for _ in range(ROUNDS):
                await_more(platform, EVENTS)
                disk.fill()
                # Room that the database had taken before is used up first.
                refused = self.refusals(platform)
                wait_until(
                    lambda before=refused: self.refusals(platform) >= before + EVENTS,  # type: ignore[misc]
                    what="completions are refused",
                )
                self.assert_says_so(platform)
                for page in Downloads(platform).pages():
                    Downloads(platform).whole(page)
                disk.free()
                await_more(platform, 1)
        assert_recovered(platform, told)

    def refusals(self, platform: Platform) -> int:
        return sum(attempt.status == 503 for attempt in platform.attempts)

    def assert_says_so(self, platform: Platform) -> None:
        answer = platform.service.request(
            "POST",
            "/api/v1/completions",
            headers={"Authorization": f"Bearer {platform.api_key}"},
            body={
                "event_id": "one-more",
                "recipient": {"id": "one-more", "name": "One More"},
                "course": {"version_id": platform.course_version_id},
                "completed_at": "2026-01-15T10:00:00Z",
            },
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert answer.status == 503
        assert headers["content-type"] == "application/problem+json"
        assert int(headers["retry-after"]) > 0
        assert answer.json()["status"] == 503


class TestBucketAway:
    def test_files_wait_and_are_made_again(
        self, service: Service, bucket: S3Server, told: Callable[[Tally], Tally]
    ) -> None:
        service.variables["STORAGE_URL"] = bucket.storage_url
        platform = platform_of(service)
        downloads = Downloads(platform)
        service.start()
        report(platform)
        wait_until(lambda: waiting(platform) > 0, what="files wait for the bucket")
        newest = downloads.pages()[-1]
        wait_until(
            lambda: says_prepared(downloads.page(newest)),
            what="a certificate is issued without its files",
        )
        bucket.start()
        report(platform)
        await_files(platform)
        bucket.stop()
        assert downloads.whole(newest) == set()  # … and each was answered 503
        bucket.start()  # empty: it keeps nothing while it is stopped
        assert_recovered(platform, told)
        assert len(bucket.objects()) == FILES * len(platform.acknowledged)
