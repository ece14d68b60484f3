"""What the tables of figures refuse."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories.registry import Registry
from verification.models import Anomaly, Recent, Rollup

ORIGIN = {"country": "CH", "ua_class": "browser_desktop"}


def refused(model: Any, **values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


class TestRollup:
    @pytest.mark.parametrize("whose", ["certificate", "tenant", "nobody"])
    def test_has_one_row_per_hour_answer_and_origin(self, registry: Registry, whose: str) -> None:
        key: dict[str, Any] = {"hour": registry.now, "result": "issued", **ORIGIN}
        if whose != "nobody":
            key["tenant"] = registry.tenant
        if whose == "certificate":
            key["certificate"] = registry.issue()
        Rollup.objects.create(**key)
        refused(Rollup, **key)
        for other in ({"country": "FR"}, {"ua_class": "monitor"}, {"result": "revoked"}):
            Rollup.objects.create(**{**key, **other})

    def test_has_a_tenant_where_it_has_a_certificate(self, registry: Registry) -> None:
        certificate = registry.issue()
        refused(Rollup, certificate=certificate, hour=registry.now, result="issued", **ORIGIN)


class TestRecent:
    def test_has_one_row_per_token_bucket_and_origin(self, registry: Registry) -> None:
        key = {"fingerprint": "f", "bucket": registry.now, **ORIGIN}
        Recent.objects.create(**key)
        refused(Recent, **key)


class TestAnomaly:
    def test_is_open_once_per_token(self, registry: Registry) -> None:
        key = {
            "kind": "token_burst",
            "fingerprint": "f",
            "started_at": registry.now,
            "last_seen_at": registry.now,
            "count": 1,
        }
        Anomaly.objects.create(**key, is_open=False)
        Anomaly.objects.create(**key)
        refused(Anomaly, **key)
        Anomaly.objects.create(**key, is_open=False)
