"""The specification's names exist in the code exactly, and the operators' document has them all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from observability import catalogue
from observability.catalogue import Entry

DOCS = Path(settings.ROOT) / "docs"
SPECIFICATION = (DOCS / "OBSERVABILITY-spec.txt").read_text(encoding="utf-8")
REGISTERED = {entry.name: entry for entry in catalogue.registered()}


def specified_events() -> Iterator[str]:
    """Read `Events: a.b.c, .d, .e (AUDIT), .f.g / .h`: a dotted form continues the one before."""
    line = next(line for line in SPECIFICATION.splitlines() if line.startswith("Events:"))
    for word in re.findall(r"[a-z_]*(?:\.[a-z_]+)+", line.removeprefix("Events:")):
        parts = word.split(".")
        if parts[0] or len(parts) > 2:
            entity = parts[1]
        yield f"certification.{entity}.{parts[-1]}"


def specified_metrics() -> Iterator[Entry]:
    """Read `• cert_name{label,label=value|value} kind`."""
    pattern = r"• (cert_\w+)(?:\{([^}]*)\})? (counter|histogram|gauge)"
    for name, labels, kind in re.findall(pattern, SPECIFICATION):
        names = [label.partition("=")[0] for label in labels.split(",") if label]
        yield Entry(kind, name, tuple(sorted(names)))


def specified_spans() -> list[str]:
    line = next(line for line in SPECIFICATION.splitlines() if line.startswith("Spans:"))
    return re.findall(r"cert(?:\.\w+)+", line)


def test_the_specification_was_read_whole() -> None:
    assert len(list(specified_events())) == 11
    assert len(list(specified_metrics())) == 11
    assert len(specified_spans()) == 6


@pytest.mark.parametrize("name", list(specified_events()))
def test_every_event_exists(name: str) -> None:
    assert REGISTERED[name].kind == "event"


@pytest.mark.parametrize("metric", list(specified_metrics()), ids=lambda metric: metric.name)
def test_every_metric_exists_with_its_kind_and_labels(metric: Entry) -> None:
    assert REGISTERED[metric.name] == metric


@pytest.mark.parametrize("name", specified_spans())
def test_every_span_exists(name: str) -> None:
    assert REGISTERED[name].kind == "span"


def test_every_attribute_of_the_specification_is_known() -> None:
    line = next(line for line in SPECIFICATION.splitlines() if line.startswith("Attrs:"))
    attributes = set(re.findall(r"\w+", line.removeprefix("Attrs:")))
    assert attributes <= set(REGISTERED["certification.certificate.issued"].details)


class TestCheckObservability:
    def test_finds_code_and_document_in_agreement(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("check_observability")
        assert capsys.readouterr().out == (
            f"{len(REGISTERED)} names: code and OBSERVABILITY.md agree.\n"
        )

    @pytest.mark.parametrize(
        ("old", "new", "complaint"),
        [
            ("| `cert_revoked_total` | counter |", "| `cert_revoked_total` | gauge |", "gauge"),
            ("`cert.sign_jws` |", "`cert.sign` |", "only in the code: .*cert.sign_jws"),
            ("`outcome` |", "`result` |", "only in OBSERVABILITY.md: .*'result'"),
        ],
    )
    def test_names_what_differs(
        self, old: str, new: str, complaint: str, tmp_path: Path, settings: pytest.FixtureRequest
    ) -> None:
        text = (DOCS / "OBSERVABILITY.md").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "OBSERVABILITY.md").write_text(text.replace(old, new))
        settings.ROOT = tmp_path  # type: ignore[attr-defined]
        with pytest.raises(CommandError, match=complaint):
            call_command("check_observability")
