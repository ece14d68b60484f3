"""Gauges computed when /metrics is read: right in any process, however many there are."""

import math
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from observability import metrics

# A second scraper, or an impatient one, does not query again.
CACHE_SECONDS = 5.0

Reading = Callable[..., float]

_gauges: dict[str, Reading] = {}
_series: list[Callable[[], None]] = []
_readings: dict[str, tuple[float, float]] = {}


def register_gauge(name: str, function: Reading) -> None:
    """Let a room above say how its gauge is read at `now`; the catalogue must name it."""
    if name not in metrics.GAUGES:
        raise ValueError(f"{name} is not in observability.metrics.GAUGES")
    _gauges[name] = function


def register_series(function: Callable[[], None]) -> None:
    """Let a room above start its tenants' series at 0 before each scrape.

    A series that appears with its first use hides that jump from `increase()`.
    """
    _series.append(function)


def exposition() -> bytes:
    """Return all metrics of all processes of this host, in Prometheus's text form."""
    registry = CollectorRegistry()
    source: Collector = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        source = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
    registry.register(_Everything(source))
    return generate_latest(registry)


class _Everything(Collector):
    """Counters and histograms as they stand, and the gauges beside them."""

    def __init__(self, source: Collector) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        for start_at_zero in _series:
            try:
                start_at_zero()
            except Exception:  # noqa: BLE001 - a database outage must not blind the operator
                metrics.METRICS_COLLECT_ERRORS.inc()
        # Gauges first: what fails here is counted in this very scrape.
        gauges = [
            GaugeMetricFamily(name, metrics.GAUGES[name], value=_read(name))
            for name in sorted(_gauges)
        ]
        lookups: dict[str, float] = {}
        for family in self._source.collect():
            if family.name == "cert_public_verify_cache_requests":
                for sample in family.samples:
                    lookups[sample.labels["outcome"]] = sample.value
            yield family
        yield from gauges
        yield _hit_ratio(lookups)
        yield _build_info()


def _hit_ratio(lookups: dict[str, float]) -> GaugeMetricFamily:
    total = sum(lookups.values())
    name = "cert_public_verify_cache_hit_ratio"
    value = lookups.get("hit", 0.0) / total if total else math.nan
    return GaugeMetricFamily(name, metrics.GAUGES[name], value=value)


def _build_info() -> GaugeMetricFamily:
    name = "cert_build_info"
    family = GaugeMetricFamily(name, metrics.GAUGES[name], labels=["version"])
    family.add_metric([settings.VERSION], 1)
    return family


def _read(name: str) -> float:
    read_at, value = _readings.get(name, (-math.inf, math.nan))
    if time.monotonic() - read_at < CACHE_SECONDS:
        return value
    try:
        value = _gauges[name](now=datetime.now(UTC))  # noqa: TID251 - a scrape reads the clock
    except Exception:  # noqa: BLE001 - whatever is wrong, /metrics still answers
        metrics.METRICS_COLLECT_ERRORS.inc()
        value = math.nan
    _readings[name] = (time.monotonic(), value)
    return value
