"""A throw-away S3 server for tests: moto's, as a process on the loopback."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from pytest_django import Settings

from config.storage import file_storage
from tests.processes import free_port, stop, wait_until

KEY, SECRET, BUCKET = "test-key", "test-secret-58213", "certificates"


@dataclass
class S3Server:
    """It keeps objects in memory, until it is stopped."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def storage_url(self) -> str:
        """Return what STORAGE_URL is to use it."""
        return f"s3+http://{KEY}:{SECRET}@127.0.0.1:{self.port}/{BUCKET}/live"

    @property
    def client(self) -> Any:
        """Return a client of our own, to look behind the service's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def start(self) -> None:
        """Start it with an empty bucket."""
        command = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(self._answers, what="the S3 server starts", process=self.process)
        self.client.create_bucket(Bucket=BUCKET)

    def stop(self) -> None:
        """Stop it; whatever it held is gone."""
        if self.process is not None:
            stop(self.process)
            self.process = None

    def objects(self) -> dict[str, int]:
        """Return the sizes of all it holds, by name."""
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {one["Key"]: one["Size"] for one in found}

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.endpoint}/moto-api/", timeout=5) as answer:  # noqa: S310 - ours
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="session")
def s3_process() -> Iterator[S3Server]:
    """Yield the server that the tests of this process share."""
    server = S3Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def s3(s3_process: S3Server, settings: Settings) -> Iterator[S3Server]:
    """Yield an S3 server whose bucket is where this test's files are kept."""
    entry = file_storage(s3_process.storage_url, folder="")
    settings.STORAGES = settings.STORAGES | {"default": entry}
    yield s3_process
    client = s3_process.client
    for name in s3_process.objects():
        client.delete_object(Bucket=BUCKET, Key=name)
