"""Gauges computed at the scrape: cached, and never able to break it."""

import math
from datetime import datetime
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from observability import collectors, metrics

GAUGE = "cert_render_queue_depth"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what rooms registered; these tests register their own."""
    monkeypatch.setattr(collectors, "_gauges", {})
    monkeypatch.setattr(collectors, "_series", [])
    monkeypatch.setattr(collectors, "_readings", {})


def scrape() -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(collectors.exposition().decode())
        for sample in family.samples
    }


class TestExposition:
    def test_holds_counters_and_gauges(self) -> None:
        collectors.register_gauge(GAUGE, lambda now: 7)
        found = scrape()
        assert found[GAUGE] == 7
        assert found["cert_build_info"] == 1
        assert "cert_issuance_latency_seconds_count" in found

    def test_reads_a_gauge_once_in_five_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reads: list[datetime] = []

        def read(now: datetime) -> float:
            reads.append(now)
            return len(reads)

        seconds = 100.0
        monkeypatch.setattr(collectors, "time", SimpleNamespace(monotonic=lambda: seconds))
        collectors.register_gauge(GAUGE, read)
        assert scrape()[GAUGE] == 1
        seconds += collectors.CACHE_SECONDS - 0.1
        assert scrape()[GAUGE] == 1
        seconds += 0.1
        assert scrape()[GAUGE] == 2
        assert reads[0].tzinfo is not None

    def test_exports_nan_and_counts_what_cannot_be_read(self) -> None:
        collectors.register_gauge(GAUGE, lambda now: 1 / 0)
        collectors.register_gauge("cert_outbox_lag_seconds", lambda now: 3)
        errors = metrics.METRICS_COLLECT_ERRORS._value.get()
        found = scrape()
        assert math.isnan(found[GAUGE])
        assert found["cert_outbox_lag_seconds"] == 3
        assert found["cert_metrics_collect_errors_total"] == errors + 1

    def test_starts_series_first_and_survives_their_failure(self) -> None:
        def broken() -> None:
            raise RuntimeError("no database")

        collectors.register_series(broken)
        collectors.register_series(
            lambda: metrics.initialise_tenant(tenant_id="series0001", template_ids=[])
        )
        assert 'cert_completion_events_total{tenant_id="series0001"} 0.0' in (
            collectors.exposition().decode()
        )

    def test_computes_the_hit_ratio_from_the_counters(self) -> None:
        lookups = metrics.PUBLIC_VERIFY_CACHE_REQUESTS
        hits, misses = (lookups.labels(outcome)._value for outcome in ("hit", "miss"))
        for counter in (hits, misses):
            counter.set(0)
        assert math.isnan(scrape()["cert_public_verify_cache_hit_ratio"])
        lookups.labels("hit").inc(3)
        lookups.labels("miss").inc()
        assert scrape()["cert_public_verify_cache_hit_ratio"] == 0.75


def test_register_gauge_refuses_a_name_outside_the_catalogue() -> None:
    with pytest.raises(ValueError, match="cert_made_up"):
        collectors.register_gauge("cert_made_up", lambda now: 0)
