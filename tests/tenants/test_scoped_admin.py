"""Long lists: counted only as far as anybody turns pages."""

from typing import Any

import pytest

from outbox.models import OutboxMessage
from tenants.scoped_admin import ShortPaginator
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


class TestShortPaginator:
    def test_counts_what_is_there_and_no_further_than_its_limit(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        OutboxMessage.objects.bulk_create(
            OutboxMessage(task="t", payload={}, dedupe_key=str(n), created_at=NOW, available_at=NOW)
            for n in range(7)
        )
        rows = OutboxMessage.objects.order_by("-id")
        assert ShortPaginator(rows, 2).count == 7
        monkeypatch.setattr(ShortPaginator, "LONGEST", 5)
        short = ShortPaginator(rows, 2)
        with django_assert_num_queries(1):
            assert short.count == 5
        assert short.num_pages == 3
        assert [row.dedupe_key for row in short.page(1).object_list] == ["6", "5"]
