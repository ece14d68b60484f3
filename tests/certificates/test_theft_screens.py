"""Reporting a key stolen: the command and the operators' screens."""

from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate, Resigning
from signing import keyring
from signing.models import SigningKey
from tenants.models import Tenant, User
from tests.certificates.thefts import LATER, STOLEN, report, work
from tests.certificates.world import issued, issuing_tenant
from tests.factories.rows import NOW, PASSWORD

pytestmark = pytest.mark.django_db
SINCE = "2026-03-02T12:00:00Z"


@pytest.fixture
def tenant(db: None, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    return issuing_tenant()


@pytest.fixture
def key(tenant: Tenant) -> SigningKey:
    return keyring.active_key(tenant=tenant)


@pytest.fixture
def late(tenant: Tenant, key: SigningKey) -> Certificate:
    issued(tenant, "early", now=NOW)
    return issued(tenant, "late", now=STOLEN)


@pytest.fixture
def root(tenant: Tenant) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    return client


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("compromise_key", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def state_of(key: SigningKey) -> str:
    return SigningKey.objects.get(pk=key.pk).state


class TestCommand:
    def test_lists_what_lies_under_the_key_then_withdraws_it(
        self, key: SigningKey, late: Certificate
    ) -> None:
        out = run(key.thumbprint, "--since", SINCE, "--reason", "laptop lost", "--yes")
        assert "Academy harbourline: 1 before, 1 after" in out
        assert f"Key {keyring.active_key(tenant=late.tenant).thumbprint} signs from now on" in out
        assert str(late.pk) in out
        assert late.token not in out
        assert state_of(key) == SigningKey.State.COMPROMISED

    def test_says_how_far_it_is(self, key: SigningKey, late: Certificate) -> None:
        report(key)
        assert "no worker runs yet" in run("--status", key.thumbprint)
        work()
        out = run("--status", keyring.kid_urls(key)[0])
        assert "signed again 1 of 1" in out
        assert "0 remain: done" in out
        assert "after the theft: 1" in out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--since", SINCE], "Give --yes"),
            ([], "Say when the key was stolen"),
            (["--since", "yesterday"], "Say when the key was stolen"),
            (["--since", "2027-01-01T00:00:00Z", "--yes"], "future"),
            (["--status"], "not withdrawn; it is active"),
        ],
    )
    def test_says_what_is_missing_and_changes_nothing(
        self, key: SigningKey, arguments: list[str], words: str
    ) -> None:
        with pytest.raises(CommandError, match=words):
            run(key.thumbprint, *arguments)
        assert state_of(key) == SigningKey.State.ACTIVE

    def test_names_no_key_it_does_not_know(self, tenant: Tenant) -> None:
        with pytest.raises(CommandError, match="There is no such key"):
            run("nothing", "--since", SINCE, "--yes")

    @pytest.mark.parametrize(("typed", "state"), [("wrong", "active"), ("", "compromised")])
    def test_asks_whoever_sits_at_it(self, key: SigningKey, typed: str, state: str) -> None:
        with (
            patch("sys.stdin.isatty", lambda: True),
            patch("builtins.input", lambda _: typed or key.thumbprint[-6:]),
        ):
            if typed:
                with pytest.raises(CommandError, match="nothing was changed"):
                    run(key.thumbprint, "--since", SINCE)
            else:
                run(key.thumbprint, "--since", SINCE)
        assert state_of(key) == state


class TestReportPage:
    def url(self, key: SigningKey) -> str:
        return reverse("admin:certificates_resigning_report", args=[key.pk])

    def form(self, key: SigningKey, **changes: str) -> dict[str, str]:
        facts = {"at": SINCE, "reason": "laptop lost", "ending": key.thumbprint[-6:]}
        return {**facts, **changes}

    def test_is_linked_from_the_key_for_superusers_only(
        self, key: SigningKey, root: Client, tenant: Tenant
    ) -> None:
        page = reverse("admin:signing_signingkey_change", args=[key.pk])
        assert self.url(key) in root.get(page).content.decode()

    def test_lists_the_consequences_for_the_time_that_was_asked_for(
        self, key: SigningKey, root: Client, late: Certificate
    ) -> None:
        page = root.get(self.url(key), {"since": "2026-03-02T12:00:00"})
        found = page.context["found"]
        assert (found.before, found.after, found.since) == (1, 1, STOLEN)
        later = root.get(self.url(key), {"since": "2026-03-02T12:00:01"}).context["found"]
        assert (later.before, later.after) == (2, 0)
        assert b"Academy harbourline" in page.content
        assert state_of(key) == SigningKey.State.ACTIVE

    def test_withdraws_the_key_when_its_ending_is_typed(
        self, key: SigningKey, root: Client
    ) -> None:
        answer = root.post(self.url(key), self.form(key), follow=True)
        assert b"The key is withdrawn" in answer.content
        key.refresh_from_db()
        assert (key.state, key.compromised_at) == (SigningKey.State.COMPROMISED, STOLEN)
        again = root.post(self.url(key), self.form(key), follow=True)
        assert b"There is nothing to do" in again.content

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"ending": "zzzzzz"}, "These are not the last 6 characters"),
            ({"ending": ""}, "This field is required"),
            ({"at": "yesterday"}, "damaged on its way"),
            ({"at": "2027-01-01T00:00:00Z"}, "future"),
            ({"reason": "\x07"}, "control character"),
        ],
    )
    def test_refuses_what_is_not_confirmed(
        self, key: SigningKey, root: Client, changes: dict[str, str], words: str
    ) -> None:
        answer = root.post(self.url(key), self.form(key, **changes))
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert state_of(key) == SigningKey.State.ACTIVE

    def test_asks_for_a_reason_when_the_time_moves(self, key: SigningKey, root: Client) -> None:
        root.post(self.url(key), self.form(key))
        earlier = self.form(key, at="2026-03-02T11:00:00Z", reason="")
        assert "needs a reason" in root.post(self.url(key), earlier).content.decode()
        assert root.post(self.url(key), {**earlier, "reason": "older logs"}).status_code == 302

    def test_wants_a_token_against_forgery_and_no_get(self, key: SigningKey, root: Client) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(User.objects.get(username="root"))
        assert strict.post(self.url(key), self.form(key)).status_code == 403
        root.get(self.url(key), self.form(key))
        assert state_of(key) == SigningKey.State.ACTIVE

    def test_is_closed_to_owners_and_strangers(self, key: SigningKey, tenant: Tenant) -> None:
        owner = User.objects.create_user("owner", is_staff=True)
        owner.memberships.create(tenant=tenant, role="owner", created_at=NOW)
        client = Client()
        assert client.get(self.url(key)).status_code == 302
        client.force_login(owner)
        for pk in (key.pk, 999):
            url = reverse("admin:certificates_resigning_report", args=[pk])
            assert client.get(url).status_code == 403
            assert client.post(url, self.form(key)).status_code == 403
        assert state_of(key) == SigningKey.State.ACTIVE

    def test_knows_no_key_that_is_not_there(self, root: Client) -> None:
        url = reverse("admin:certificates_resigning_report", args=[999])
        assert root.get(url).status_code == 404


class TestProgressScreen:
    def test_says_when_all_is_done_and_where_the_invalid_ones_are(
        self, key: SigningKey, root: Client, late: Certificate
    ) -> None:
        report(key)
        work()
        page = root.get(reverse("admin:certificates_resigning_changelist")).content.decode()
        assert "1 of 1" in page
        assert ">Done</span>" in page
        invalid = reverse("admin:certificates_certificate_changelist") + "?trust=stolen"
        assert invalid in page
        listed = root.get(invalid).content.decode()
        assert str(late.pk) in listed
        assert "Invalid: key stolen" in listed
        told = root.get(reverse("admin:signing_signingkey_change", args=[key.pk])).content.decode()
        assert "Stolen, as reported" in told
        assert "goes on verifying" not in told
        assert listed.count("/change/") == 1

    @pytest.mark.parametrize(
        ("figures", "word"),
        [
            ({"done": 3}, "Signing again"),
            ({"done": 9, "refused": 1}, "Some need a look"),
            ({"done": 10}, "Done"),
        ],
    )
    def test_says_where_it_stands(
        self, tenant: Tenant, root: Client, figures: dict[str, Any], word: str
    ) -> None:
        Resigning.objects.create(
            tenant=tenant, kid="k", since=NOW, total=10, late=0, started_at=NOW, updated_at=NOW,
            **figures,
        )  # fmt: skip
        page = root.get(reverse("admin:certificates_resigning_changelist")).content.decode()
        assert f">{word}</span>" in page
