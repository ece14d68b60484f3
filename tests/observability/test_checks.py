"""System checks of observability name the variable that is wrong."""

import pytest
from pytest_django import Settings

from observability.checks import metrics_of_workers


class TestMetricsOfWorkers:
    @pytest.mark.parametrize(
        ("port", "broker", "folder", "ids"),
        [
            (9100, "amqp://127.0.0.1", "", ["observability.E002"]),
            (9100, "amqp://127.0.0.1", "/run/metrics", []),
            (0, "amqp://127.0.0.1", "", []),
            (9100, "", "", []),  # one relay runs the tasks itself and counts them all
        ],
    )
    def test_children_count_where_their_parent_looks(
        self,
        *,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        port: int,
        broker: str,
        folder: str,
        ids: list[str],
    ) -> None:
        settings.METRICS_PORT, settings.CELERY_BROKER_URL = port, broker
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", folder)
        found = metrics_of_workers()
        assert [message.id for message in found] == ids
        assert all("PROMETHEUS_MULTIPROC_DIR" in str(message.msg) for message in found)
