"""Who owns a domain: what is asked, when, and what the public is told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from certificates.tokens import format_token
from domains import proving, topics
from domains.dns_lookup import Away
from domains.fetching import NoDocument
from domains.models import DomainProof
from outbox.models import OutboxMessage
from tenants.roles import Role
from tests.factories.registry import Registry
from tests.factories.rows import make_member, make_tenant

DID = "did:web:testserver:tenants:harbourline"
HOUR = timedelta(hours=1)


@pytest.fixture
def proof(registry: Registry) -> DomainProof:
    return DomainProof.objects.create(
        tenant=registry.tenant, domain="academy.org", created_at=registry.now
    )


class Outside:
    """What the internet says."""

    def __init__(self) -> None:
        self.texts: list[str] | Exception = []
        self.document: dict[str, Any] | Exception = NoDocument("the web server answers 404")
        self.asked: list[str] = []

    def ask(self, name: str) -> list[str]:
        self.asked.append(name)
        if isinstance(self.texts, Exception):
            raise self.texts
        return self.texts

    def fetch(self, domain: str) -> dict[str, Any]:
        self.asked.append(domain)
        if isinstance(self.document, Exception):
            raise self.document
        return self.document

    def look(self, proof: DomainProof, now: datetime) -> DomainProof:
        proving.check(proof_id=proof.pk, now=now, texts=self.ask, fetch=self.fetch)
        proof.refresh_from_db()
        return proof


class TestCheck:
    def test_takes_a_txt_record_that_names_the_issuer(
        self, proof: DomainProof, now: datetime
    ) -> None:
        outside = Outside()
        outside.texts = ["v=spf1 -all", f"issuer={DID} "]
        outside.look(proof, now)
        assert outside.asked == ["_certificates.academy.org"]
        assert (proof.state, proof.method) == ("confirmed", "dns")
        assert proof.confirmed_since == proof.checked_at == now
        outside.look(proof, now + HOUR)
        assert (proof.confirmed_since, proof.checked_at) == (now, now + HOUR)

    def test_takes_a_did_document_that_names_the_issuer(
        self, proof: DomainProof, now: datetime
    ) -> None:
        outside = Outside()
        outside.document = {"id": "did:web:academy.org", "alsoKnownAs": ["x:y", DID]}
        outside.look(proof, now)
        assert (proof.state, proof.method) == ("confirmed", "did:web")

    @pytest.mark.parametrize(
        ("texts", "document"),
        [
            (["issuer=did:web:testserver:tenants:other"], {}),
            ([f"x issuer={DID}"], {}),
            ([DID], {}),
            ([], {"id": "did:web:evil.org", "alsoKnownAs": [DID]}),
            ([], {"id": "did:web:academy.org", "alsoKnownAs": DID}),
            ([], {"id": "did:web:academy.org", "alsoKnownAs": {DID: 1}}),
            ([], {"id": "did:web:academy.org"}),
        ],
    )
    def test_takes_nothing_else(
        self, proof: DomainProof, now: datetime, texts: list[str], document: dict[str, Any]
    ) -> None:
        outside = Outside()
        outside.texts, outside.document = texts, document
        outside.look(proof, now)
        assert (proof.state, proof.method, proof.confirmed_since) == ("absent", "", None)
        assert proof.reason

    def test_keeps_what_was_known_while_nobody_answers(
        self, proof: DomainProof, now: datetime
    ) -> None:
        outside = Outside()
        outside.texts = [f"issuer={DID}"]
        outside.look(proof, now)
        outside.texts = Away("DNS does not answer (Timeout)")
        outside.look(proof, now + HOUR)
        assert (proof.state, proof.confirmed_since, proof.checked_at) == ("confirmed", now, now)
        assert proof.tried_at == now + HOUR
        assert "DNS does not answer" in proof.reason
        assert outside.asked == ["_certificates.academy.org"] * 2, "nor is a web server waited for"

    def test_ends_with_the_record(self, proof: DomainProof, now: datetime) -> None:
        outside = Outside()
        outside.texts = [f"issuer={DID}"]
        outside.look(proof, now)
        # Its web server was never asked for anything, so it does not matter that it is away.
        outside.texts, outside.document = [], Away("the web server cannot be reached")
        outside.look(proof, now + HOUR)
        assert (proof.state, proof.confirmed_since) == ("absent", None)

    def test_keeps_a_did_document_while_its_server_is_away(
        self, proof: DomainProof, now: datetime
    ) -> None:
        outside = Outside()
        outside.document = {"id": "did:web:academy.org", "alsoKnownAs": [DID]}
        outside.look(proof, now)
        outside.document = Away("the web server cannot be reached")
        outside.look(proof, now + HOUR)
        assert (proof.state, proof.method) == ("confirmed", "did:web")

    def test_writes_nothing_about_a_domain_that_was_changed_meanwhile(
        self, proof: DomainProof, now: datetime
    ) -> None:
        def change(_: str) -> list[str]:
            DomainProof.objects.update(domain="other.org")
            return [f"issuer={DID}"]

        proving.check(proof_id=proof.pk, now=now, texts=change)
        assert DomainProof.objects.get().state == "pending"

    def test_of_one_that_is_gone_does_nothing(self, db: None, now: datetime) -> None:
        proving.check(proof_id=1, now=now, texts=Outside().ask)

    def test_is_never_confirmed_without_a_moment(self, proof: DomainProof) -> None:
        with pytest.raises(IntegrityError):
            DomainProof.objects.update(state="confirmed")


class TestAskForDue:
    def due(self, now: datetime) -> int:
        before = OutboxMessage.objects.filter(task=topics.CHECK).count()
        proving.ask_for_due(now=now)
        return OutboxMessage.objects.filter(task=topics.CHECK).count() - before

    def test_asks_often_in_the_beginning_and_daily_after(
        self, proof: DomainProof, now: datetime
    ) -> None:
        outside = Outside()
        assert self.due(now) == 1
        assert OutboxMessage.objects.get().payload == {"proof_id": proof.pk}
        outside.look(proof, now)
        assert self.due(now + timedelta(minutes=5)) == 0
        assert self.due(now + timedelta(minutes=11)) == 1
        outside.texts = [f"issuer={DID}"]
        outside.look(proof, now + timedelta(minutes=11))
        assert self.due(now + 10 * HOUR) == 0
        assert self.due(now + 25 * HOUR) == 1

    def test_asks_for_a_few_at_once_those_that_waited_longest_first(
        self, registry: Registry, now: datetime
    ) -> None:
        for number in range(12):
            tenant = make_tenant(slug=f"t{number}", name="T", now=now)
            DomainProof.objects.create(
                tenant=tenant,
                domain=f"d{number}.org",
                created_at=now - timedelta(days=9),
                tried_at=now - timedelta(days=1 + number) if number else None,
            )
        assert self.due(now) == 10
        asked = OutboxMessage.objects.order_by("pk").values_list("tenant_id", flat=True)
        domains = [DomainProof.objects.get(tenant=one).domain for one in asked]
        assert domains == ["d0.org", *(f"d{number}.org" for number in range(11, 2, -1))]


class TestPages:
    def verdict(self, client: Client, certificate: Certificate) -> tuple[str, dict[str, Any]]:
        address = f"/verify/{format_token(certificate.token)}"
        page = client.get(address, headers={"accept": "text/html"}).content.decode()
        document: dict[str, Any] = client.get(
            address, headers={"accept": "application/json"}
        ).json()
        return page, document

    def test_name_a_domain_only_while_it_is_confirmed(
        self, registry: Registry, proof: DomainProof, client: Client, now: datetime
    ) -> None:
        certificate = registry.issue()
        page, document = self.verdict(client, certificate)
        assert "No internet domain confirms this issuer." in page
        assert "academy.org" not in page
        assert document["issuer"]["domain"] is None

        outside = Outside()
        outside.texts = [f"issuer={DID}"]
        outside.look(proof, now)
        page, document = self.verdict(client, certificate)
        assert '<b dir="ltr">academy.org</b> confirms this issuer since 1 March 2026' in page
        assert document["issuer"]["domain"] == {
            "name": "academy.org",
            "method": "dns",
            "confirmed_since": "2026-03-01T12:00:00Z",
            "checked_at": "2026-03-01T12:00:00Z",
        }
        (check,) = [one for one in document["checks"] if one["name"] == "issuer"]
        assert check["outcome"] == "passed"
        assert "whose domain confirms it" in check["detail"]
        issuer = client.get("/tenants/harbourline", headers={"accept": "text/html"})
        assert "academy.org" in issuer.content.decode()


class TestScreen:
    def test_takes_a_domain_says_what_to_publish_and_has_it_checked(
        self, registry: Registry, client: Client, now: datetime
    ) -> None:
        client.force_login(make_member(registry.tenant, Role.OWNER, "owner", now=now))
        add = reverse("admin:domains_domainproof_add")
        sent = {"tenant": registry.tenant.pk, "domain": "10.0.0.1"}
        assert "no name on the internet" in client.post(add, sent).content.decode()
        assert client.post(add, {**sent, "domain": "https://Academy.org/"}).status_code == 302
        proof = DomainProof.objects.get()
        assert (proof.domain, proof.state) == ("academy.org", "pending")
        assert OutboxMessage.objects.filter(task=topics.CHECK).count() == 1
        change = reverse("admin:domains_domainproof_change", args=[proof.pk])
        page = client.get(change).content.decode()
        for words in ("_certificates.academy.org", f"issuer={DID}", "/.well-known/did.json"):
            assert words in page

    def test_begins_anew_with_another_name(
        self, registry: Registry, proof: DomainProof, client: Client, now: datetime
    ) -> None:
        outside = Outside()
        outside.texts = [f"issuer={DID}"]
        outside.look(proof, now)
        client.force_login(make_member(registry.tenant, Role.OWNER, "owner", now=now))
        change = reverse("admin:domains_domainproof_change", args=[proof.pk])
        assert client.post(change, {"domain": "other.org"}).status_code == 302
        proof.refresh_from_db()
        assert (proof.domain, proof.state, proof.confirmed_since) == ("other.org", "pending", None)

    def test_checks_now(
        self, registry: Registry, proof: DomainProof, client: Client, now: datetime
    ) -> None:
        url = reverse("admin:domains_domainproof_check", args=[proof.pk])
        for role, status in ((Role.SUPPORT, 403), (Role.OWNER, 302)):
            client.force_login(make_member(registry.tenant, role, role.value, now=now))
            assert client.post(url).status_code == status
        assert OutboxMessage.objects.filter(task=topics.CHECK).count() == 1
