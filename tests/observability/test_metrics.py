"""Series: started at 0, within a budget, the same in one process and in many."""

from itertools import count

import pytest
from prometheus_client import REGISTRY

from observability import metrics

_fresh = count()


@pytest.fixture
def tenant() -> str:
    """Return a tenant id no other test counts for."""
    return f"metrics{next(_fresh)}"


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


class TestClosedLabels:
    @pytest.mark.parametrize("reason", metrics.REVOCATION_REASONS)
    def test_stand_at_zero_before_the_first_use(self, reason: str) -> None:
        assert value("cert_revoked_total", reason=reason) is not None

    def test_export_no_created_series(self) -> None:
        names = {sample.name for family in REGISTRY.collect() for sample in family.samples}
        assert not {name for name in names if name.endswith("_created")}


class TestInitialiseTenant:
    def test_starts_the_tenants_series_at_zero(self, tenant: str) -> None:
        assert value("cert_tenant_revoked_total", tenant_id=tenant) is None
        metrics.initialise_tenant(tenant_id=tenant, template_ids=["a", "b"])
        assert value("cert_tenant_revoked_total", tenant_id=tenant) == 0
        assert value("cert_issued_total", tenant_id=tenant, template_id="b") == 0
        for result in metrics.RESULTS:
            assert value("cert_tenant_verification_total", tenant_id=tenant, result=result) == 0

    def test_again_changes_nothing(self, tenant: str) -> None:
        metrics.ISSUED.labels(tenant, "a").inc()
        metrics.initialise_tenant(tenant_id=tenant, template_ids=["a"])
        assert value("cert_issued_total", tenant_id=tenant, template_id="a") == 1


class TestTheBudget:
    def test_folds_templates_into_other_and_counts_it(
        self, tenant: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        metrics.ISSUED.labels(tenant, "first").inc()
        monkeypatch.setattr(metrics, "SERIES_BUDGET", len(metrics.ISSUED._metrics))
        overflow = {"metric": "cert_issued_total"}
        before = value("cert_metrics_series_overflow_total", **overflow) or 0
        metrics.ISSUED.labels(tenant_id=tenant, template_id="second").inc()
        metrics.ISSUED.labels(tenant, "third").inc()
        metrics.ISSUED.labels(tenant, "first").inc()
        assert value("cert_issued_total", tenant_id=tenant, template_id="other") == 2
        assert value("cert_issued_total", tenant_id=tenant, template_id="first") == 2
        assert value("cert_issued_total", tenant_id=tenant, template_id="second") is None
        assert value("cert_metrics_series_overflow_total", **overflow) == before + 2
