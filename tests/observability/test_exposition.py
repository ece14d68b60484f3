"""Metrics of many processes: right totals from any of them, over the small server too."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from observability import exposition

COUNTING = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
from observability import metrics
metrics.REVOKED.labels("fraud").inc(int(sys.argv[1]))
metrics.ISSUANCE_LATENCY.observe(1)
metrics.PUBLIC_VERIFY_CACHE_REQUESTS.labels(sys.argv[2]).inc()
"""
SCRAPING = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
from observability import collectors
sys.stdout.write(collectors.exposition().decode())
"""


def run(folder: Path, program: str, *arguments: str) -> str:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_counts_of_three_processes_add_up_in_a_fourth(tmp_path: Path) -> None:
    for amount, outcome in (("1", "hit"), ("20", "hit"), ("300", "miss")):
        run(tmp_path, COUNTING, amount, outcome)
    samples = {
        (sample.name, json.dumps(sample.labels)): sample.value
        for family in text_string_to_metric_families(run(tmp_path, SCRAPING))
        for sample in family.samples
    }
    assert samples["cert_revoked_total", '{"reason": "fraud"}'] == 321
    assert samples["cert_revoked_total", '{"reason": "other"}'] == 0
    assert samples["cert_issuance_latency_seconds_count", "{}"] == 3
    assert samples["cert_issuance_latency_seconds_bucket", '{"le": "1.0"}'] == 3
    assert samples["cert_public_verify_cache_hit_ratio", "{}"] == pytest.approx(2 / 3)
    assert not [labels for _, labels in samples if '"pid"' in labels]


@pytest.fixture
def port() -> Iterator[int]:
    server = exposition.serve(port=0, host="127.0.0.1")
    yield server.server_port
    server.shutdown()
    server.server_close()


def fetch(port: int, path: str, token: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read()


@pytest.mark.django_db(transaction=True)
class TestServe:
    def test_answers_the_holder_of_the_token(self, port: int, settings: Any) -> None:
        status, body = fetch(port, "/metrics", settings.METRICS_TOKEN)
        assert status == 200
        assert b"# TYPE cert_issued_total counter" in body

    def test_refuses_others_and_other_addresses(self, port: int, settings: Any) -> None:
        assert fetch(port, "/metrics", "wrong") == (401, b"")
        assert fetch(port, "/", settings.METRICS_TOKEN) == (404, b"")
