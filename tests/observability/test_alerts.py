"""Alert rules: they ask only for metrics there are, and say what to do."""

import re
from pathlib import Path

from observability.catalogue import registered

RULES = Path(__file__).resolve().parents[2] / "deploy" / "alerts.yml"


def test_ask_only_for_metrics_that_are_registered() -> None:
    names = set(re.findall(r"cert_[a-z_]+", RULES.read_text()))
    assert "cert_beat_last_run_timestamp_seconds" in names
    assert names <= {entry.name for entry in registered()}


def test_each_has_a_severity_a_summary_and_what_to_do() -> None:
    rules = RULES.read_text().split("- alert: ")[1:]
    assert len(rules) >= 3
    for rule in rules:
        assert re.search(r"severity: P[123]", rule)
        assert re.search(r"summary: \w+", rule)
        assert re.search(r"description: >-\n +\w+", rule)
