"""The inbox: into it from public pages, out of it by operators."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from certificates import cases, sharing
from certificates.models import Case, Certificate
from certificates.tokens import format_token
from tenants.models import User
from tenants.roles import Role
from tests.factories.registry import Registry
from tests.factories.rows import make_member

HTML = {"accept": "text/html"}


@pytest.fixture
def certificate(registry: Registry) -> Certificate:
    return registry.issue("Ada Lovelace")


def report(registry: Registry, certificate: Certificate, *, minutes: int = 0) -> Case:
    return cases.report(
        certificate=certificate,
        subject=Case.Subject.MISUSED,
        text="Somebody else showed it.",
        contact="reader@firm.example",
        now=registry.now + timedelta(minutes=minutes),
    )


def correction(registry: Registry, certificate: Certificate, name: str = "Ada King") -> Case:
    cases.ask(
        certificate=certificate, kind=Case.Kind.CORRECTION, wanted_name=name, now=registry.now
    )
    return Case.objects.get(kind=Case.Kind.CORRECTION)


class TestReport:
    def test_is_limited_by_the_certificate(
        self, registry: Registry, certificate: Certificate
    ) -> None:
        for _ in range(5):
            report(registry, certificate)
        with pytest.raises(cases.TooManyReports):
            report(registry, certificate)
        report(registry, registry.issue("Eve Other"))
        report(registry, certificate, minutes=61)

    def test_that_is_one_too_many_is_a_page_with_a_next_step(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        for _ in range(5):
            report(registry, certificate)
        address = f"/verify/{format_token(certificate.token)}/report"
        response = client.post(address, {"subject": "other", "text": "x"}, headers=HTML)
        assert response.status_code == 429
        assert response["Retry-After"] == "3600"
        assert "Refresh" not in response
        assert "There are many reports just now" in response.content.decode()
        assert "It works again from 13:00 UTC on." in response.content.decode()


class TestClose:
    def test_is_done_once(self, registry: Registry, certificate: Certificate) -> None:
        case = report(registry, certificate)
        for state, changed in ((Case.State.RESOLVED, True), (Case.State.DECLINED, False)):
            said = cases.close(case=case, state=state, note="n", actor="user:1", now=registry.now)
            assert said is changed
        assert (case.state, case.closed_by, case.closed_at) == ("resolved", "user:1", registry.now)

    def test_lets_a_holder_ask_again(self, registry: Registry, certificate: Certificate) -> None:
        case = correction(registry, certificate)
        asked: Any = {"certificate": certificate, "kind": Case.Kind.CORRECTION, "now": registry.now}
        assert not cases.ask(**asked)
        cases.close(case=case, state=Case.State.DECLINED, note="", actor="user:1", now=registry.now)
        assert cases.ask(**asked)

    def test_never_without_its_time(self, registry: Registry, certificate: Certificate) -> None:
        case = report(registry, certificate)
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="resolved")


class TestInbox:
    @pytest.fixture
    def owner(self, registry: Registry, client: Client) -> User:
        owner = make_member(registry.tenant, Role.OWNER, "owner", now=registry.now)
        client.force_login(owner)
        return owner

    def test_shows_what_waits_first(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        done = report(registry, certificate, minutes=5)
        cases.close(case=done, state=Case.State.RESOLVED, note="", actor="u", now=registry.now)
        waits = correction(registry, certificate)
        page = client.get(reverse("admin:certificates_case_changelist")).content.decode()
        assert page.index(str(waits.pk)) < page.index(str(done.pk))
        for word in ("Ada King", "Somebody else showed it.", "pill-waiting", "pill-good"):
            assert word in page
        assert "names to correct" in client.get(reverse("admin:index")).content.decode()

    def test_resolves_and_declines(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        for name, state in (("resolve", "resolved"), ("decline", "declined")):
            case = report(registry, certificate)
            url = reverse(f"admin:certificates_case_{name}", args=[case.pk])
            assert client.post(url, {"note": "Looked into it."}).status_code == 302
            case.refresh_from_db()
            assert (case.state, case.note) == (state, "Looked into it.")
            assert case.closed_by == f"user:{owner.pk}"

    def test_leads_to_the_correction_filled_in(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        case = correction(registry, certificate)
        reissue = reverse("admin:certificates_certificate_reissue", args=[certificate.pk])
        page = client.get(reverse("admin:certificates_case_change", args=[case.pk]))
        assert f'href="{reissue}"' in page.content.decode()
        form = client.get(reissue).content.decode()
        assert 'value="Ada King"' in form
        client.post(reissue, {"recipient_name": "Ada King", "grade": "", "reason": "asked"})
        case.refresh_from_db()
        assert case.state == Case.State.RESOLVED
        assert Certificate.objects.get(supersedes=certificate).recipient_name == "Ada King"

    def test_is_told_in_the_certificate_s_story(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        correction(registry, certificate)
        sharing.share(
            certificate=certificate, visibility=Certificate.Visibility.PRIVATE, now=registry.now
        )
        change = reverse("admin:certificates_certificate_change", args=[certificate.pk])
        page = client.get(change).content.decode()
        assert "<b>Asked: name correction</b> <bdi>Open</bdi>" in page
        assert "<b>Shared with</b> <bdi>nobody</bdi>" in page

    def test_leaves_a_wish_open_that_was_not_met(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        case = correction(registry, certificate)
        reissue = reverse("admin:certificates_certificate_reissue", args=[certificate.pk])
        client.post(reissue, {"recipient_name": "Ada Byron", "grade": "", "reason": "typo"})
        case.refresh_from_db()
        assert case.state == Case.State.OPEN

    def test_leads_from_a_deletion_to_a_revocation_at_the_holder_s_request(
        self, registry: Registry, certificate: Certificate, owner: User, client: Client
    ) -> None:
        cases.ask(certificate=certificate, kind=Case.Kind.DELETION, now=registry.now)
        revoke = reverse("admin:certificates_certificate_revoke", args=[certificate.pk])
        assert '<option value="learner_request" selected>' in client.get(revoke).content.decode()

    def test_lets_support_answer_and_an_auditor_only_read(
        self, registry: Registry, certificate: Certificate, client: Client
    ) -> None:
        case = report(registry, certificate)
        url = reverse("admin:certificates_case_resolve", args=[case.pk])
        for role, status in ((Role.AUDITOR, 403), (Role.SUPPORT, 302)):
            client.force_login(make_member(registry.tenant, role, role.value, now=registry.now))
            change = reverse("admin:certificates_case_change", args=[case.pk])
            assert client.get(change).status_code == 200
            assert client.post(url, {"note": ""}).status_code == status
