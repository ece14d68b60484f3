"""Verifications add up in the rows of their hour, whoever adds."""

from datetime import datetime

from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certificates.looks import Looks, looks
from tests.factories.registry import Registry
from verification import buffer, counting
from verification.models import Rollup
from verification.visits import Visit

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
SWISS, BRAZILIAN = "130.60.1.1", "200.160.2.3"


class TestCount:
    def test_adds_up_for_certificate_tenant_and_nobody(
        self, registry: Registry, now: datetime
    ) -> None:
        certificate = registry.issue()
        whose = [
            (certificate.tenant_id, str(certificate.pk)),
            (certificate.tenant_id, ""),
            ("", ""),
        ]
        visits = {
            Visit(tenant, pk, now.replace(minute=minute), "issued", country, "monitor"): 2
            for tenant, pk in whose
            for minute in (1, 59)
            for country in ("CH", "BR")
        }
        for _ in range(2):
            with transaction.atomic():
                counting.count(visits)
        rows = Rollup.objects.values_list("tenant_id", "certificate_id", "country", "count", "hour")
        hour = now.replace(minute=0)
        assert set(rows) == {
            (tenant or None, certificate.pk if pk else None, country, 8, hour)
            for tenant, pk in whose
            for country in ("CH", "BR")
        }
        assert len(rows) == 6

    def test_is_a_statement_for_many(
        self,
        registry: Registry,
        now: datetime,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        visits = {Visit("", "", now, "not_found", f"{n:02}", "monitor"): 1 for n in range(90)}
        with django_assert_max_num_queries(1):
            counting.count(visits)


class TestOrigin:
    def test_stands_beside_each_answer(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        path = f"/verify/{registry.issue().token}"
        for address, agent in ((SWISS, CHROME), (SWISS, CHROME), (BRAZILIAN, SLACK)):
            client.get(path, headers={"user-agent": agent}, REMOTE_ADDR=address)
        buffer.drain(now=now)
        rows = Rollup.objects.values_list("country", "ua_class", "count")
        assert set(rows) == {("CH", "browser_desktop", 2), ("BR", "link_preview", 1)}

    def test_never_stands_beside_a_certificate_of_who_is_not_to_be_tracked(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        certificate = registry.issue()
        for header in ("dnt", "sec-gpc"):
            client.get(f"/verify/{certificate.token}", headers={header: "1"}, REMOTE_ADDR=SWISS)
        buffer.drain(now=now)
        (row,) = Rollup.objects.all()
        assert (row.tenant_id, row.certificate_id) == (certificate.tenant_id, None)
        assert (row.country, row.count) == ("CH", 2)


class TestLooks:
    def test_counts_people_in_all_and_lately(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        certificate, other = registry.issue(), registry.issue()
        for agent, number in ((CHROME, 3), (SLACK, 2), ("curl/8.9.1", 1)):
            for _ in range(number):
                client.get(f"/verify/{certificate.token}", headers={"user-agent": agent})
        client.get(f"/verify/{other.token}", headers={"user-agent": CHROME})
        buffer.drain(now=now)
        Rollup.objects.create(
            tenant=certificate.tenant,
            certificate=certificate,
            hour=now.replace(year=now.year - 1),
            result="issued",
            country="CH",
            ua_class="browser_mobile",
            count=7,
        )
        assert looks(certificate.pk, now=now) == Looks(total=11, last_30_days=4)
        assert looks(registry.issue().pk, now=now) == Looks()
