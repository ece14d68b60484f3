"""Operators' screens of certificates."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates import intake
from certificates.models import Certificate, Completion, Recipient, RenderJob
from certificates.tokens import format_token
from outbox.models import OutboxMessage
from tenants.roles import Role
from tests.certificates.world import issued, issuing_tenant, report
from tests.factories.rows import (
    NOW,
    make_certificate,
    make_completion,
    make_member,
    make_recipient,
)
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db
LIST = "admin:certificates_certificate_changelist"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def alice(world: World) -> Client:
    client = Client()
    client.force_login(world.alice)
    return client


def award(world: World, name: str, **fields: Any) -> Certificate:
    recipient = make_recipient(world.here.tenant, name=name)
    completion = make_completion(recipient, world.here.course)
    return make_certificate(completion, world.here.version, **fields)


class TestLists:
    @pytest.mark.parametrize("model", ["certificate", "completion", "renderjob"])
    def test_take_as_many_queries_for_many_rows_as_for_one(
        self,
        world: World,
        alice: Client,
        model: str,
        django_assert_max_num_queries: Any,
    ) -> None:
        url = reverse(f"admin:certificates_{model}_changelist")
        for number in range(12):
            award(world, f"Somebody {number}")
        with django_assert_max_num_queries(11):
            page = alice.get(url).content.decode()
        assert page.count("Somebody") == 12

    @pytest.mark.parametrize(
        ("fields", "word", "state"),
        [
            ({}, "In force", "issued"),
            ({"expires_at": NOW - timedelta(days=1)}, "Expired", "expired"),
            ({"revoked_at": NOW, "revocation_reason": "fraud"}, "Revoked", "revoked"),
            ({"revoked_at": NOW, "revocation_reason": "superseded"}, "Replaced", "superseded"),
        ],
    )
    def test_show_and_filter_each_state(
        self, world: World, alice: Client, fields: dict[str, Any], word: str, state: str
    ) -> None:
        certificate = award(world, "Grace Hopper", **fields)
        page = alice.get(reverse(LIST), {"state": state}).content.decode()
        assert f"/{certificate.pk}/change/" in page
        assert f"</svg>{word}</span>" in page
        for other in {"issued", "expired", "revoked", "superseded"} - {state}:
            page = alice.get(reverse(LIST), {"state": other}).content.decode()
            assert f"/{certificate.pk}/change/" not in page

    def test_say_so_when_empty(self, world: World, alice: Client) -> None:
        assert b"Nothing matches." in alice.get(reverse(LIST), {"q": "zzzzzz"}).content
        charlie = Client()
        charlie.force_login(world.charlie)
        RenderJob.objects.filter(certificate=world.there.certificate).delete()
        page = charlie.get(reverse("admin:certificates_renderjob_changelist")).content
        assert b"No files have been asked for yet." in page


class TestSearch:
    @pytest.mark.parametrize(
        "name", ["Zoë Ångström", "Света Петрова", "فاطمة النجار", "渡邊 ひなた", "100%_sure"]
    )
    def test_finds_names_of_every_script(self, world: World, alice: Client, name: str) -> None:
        certificate = award(world, name)
        for text in (name, name.rsplit(maxsplit=1)[-1], f"  {name} "):
            page = alice.get(reverse(LIST), {"q": text}).content.decode()
            assert f"/{certificate.pk}/change/" in page, text
            assert f"/{world.here.certificate.pk}/change/" not in page

    def test_finds_codes_and_links_exactly(self, world: World, alice: Client) -> None:
        certificate = award(world, "Grace Hopper")
        code = format_token(certificate.token)
        for text in (
            code,
            certificate.token.lower(),
            f"https://old.example/verify/{code}",
            f"http://testserver/certificates/{code}/certificate.pdf?x=1",
        ):
            page = alice.get(reverse(LIST), {"q": text}).content.decode()
            assert f"/{certificate.pk}/change/" in page, text
        for part in (code[:-5], certificate.token[:20]):
            page = alice.get(reverse(LIST), {"q": part}).content.decode()
            assert f"/{certificate.pk}/change/" not in page

    def test_finds_addresses_ids_and_events(self, world: World, alice: Client) -> None:
        certificate = award(world, "Grace Hopper")
        for text in (
            "HOPPER@learners.example",
            str(certificate.pk),
            certificate.completion.event_id,
            certificate.recipient.external_id,
        ):
            page = alice.get(reverse(LIST), {"q": text}).content.decode()
            assert f"/{certificate.pk}/change/" in page, text

    def test_finds_completions_too(self, world: World, alice: Client) -> None:
        certificate = award(world, "Zoë Ångström")
        url = reverse("admin:certificates_completion_changelist")
        for text in ("Ångström", certificate.completion.event_id, certificate.token):
            page = alice.get(url, {"q": text}).content.decode()
            assert f"/{certificate.completion_id}/change/" in page

    @pytest.mark.parametrize("text", ["http://[", "//]/x", "/", "?", "\x00", "verify//#"])
    def test_finds_nothing_in_what_is_no_link(self, world: World, alice: Client, text: str) -> None:
        page = alice.get(reverse(LIST), {"q": text})
        assert page.status_code == 200

    def test_another_tenant_s_code_finds_nothing(self, world: World, alice: Client) -> None:
        token = world.there.certificate.token
        assert b"Nothing matches." in alice.get(reverse(LIST), {"q": token}).content


class TestCertificatePage:
    def test_tells_the_story_and_shows_the_addresses(self, world: World, alice: Client) -> None:
        url = reverse("admin:certificates_certificate_change", args=[world.here.certificate.pk])
        page = alice.get(url).content.decode()
        code = format_token(world.here.certificate.token)
        assert f"http://testserver/verify/{code}" in page
        for what in ("Completed", "Reported", "Signed", "Rendered PDF"):
            assert f"<b>{what}</b>" in page
        assert 'type="submit" value="Save"' not in page

    def test_escapes_hostile_names(self, world: World, alice: Client) -> None:
        certificate = award(world, "<script>alert(1)</script>")
        url = reverse("admin:certificates_certificate_change", args=[certificate.pk])
        for page in (alice.get(url), alice.get(reverse(LIST))):
            assert b"<script>alert" not in page.content
            assert html.escape("<script>alert").encode() in page.content


class TestMail:
    def test_says_why_it_cannot_be_written_and_asks_for_no_correction(
        self, world: World, alice: Client
    ) -> None:
        certificate = world.here.certificate
        Recipient.objects.filter(pk=certificate.recipient_id).update(email="")
        page = alice.post(reverse("admin:certificates_certificate_mail", args=[certificate.pk]))
        assert b"no e-mail address of this person" in page.content
        assert b"Please correct" not in page.content


class TestRevoke:
    def test_needs_a_reason_and_says_it_is_final(self, world: World, alice: Client) -> None:
        url = reverse("admin:certificates_certificate_revoke", args=[world.here.certificate.pk])
        assert b"This is final" in alice.get(url).content
        answer = alice.post(url, {"reason": "", "note": ""})
        assert answer.status_code == 200
        assert Certificate.objects.get(pk=world.here.certificate.pk).revoked_at is None

    def test_withdraws_and_leaves_a_trace(self, world: World, alice: Client) -> None:
        certificate = world.here.certificate
        url = reverse("admin:certificates_certificate_revoke", args=[certificate.pk])
        answer = alice.post(url, {"reason": "fraud", "note": "two people"})
        assert answer.status_code == 302
        certificate.refresh_from_db()
        assert (certificate.revocation_reason, certificate.revocation_note) == (
            "fraud",
            "two people",
        )
        history = reverse("admin:certificates_certificate_history", args=[certificate.pk])
        assert b"Revoke." in alice.get(history).content
        assert alice.get(url).status_code == 302
        page = alice.get(answer["Location"]).content
        assert b"/revoke/" not in page


class TestReissue:
    def test_starts_from_what_is_printed(self, world: World, alice: Client) -> None:
        url = reverse("admin:certificates_certificate_reissue", args=[world.here.certificate.pk])
        assert b'value="Ada Zephyrine"' in alice.get(url).content

    @pytest.mark.parametrize("name", ["", "Ada\u202eZephyrine", "\u200b"])
    def test_refuses_names_that_no_door_takes(self, world: World, alice: Client, name: str) -> None:
        url = reverse("admin:certificates_certificate_reissue", args=[world.here.certificate.pk])
        answer = alice.post(url, {"recipient_name": name, "grade": "", "reason": "misspelt"})
        assert answer.status_code == 200
        assert Certificate.objects.for_tenant(world.here.tenant).count() == 1

    def test_refuses_a_grade_of_two_lines(self, world: World, alice: Client) -> None:
        url = reverse("admin:certificates_certificate_reissue", args=[world.here.certificate.pk])
        answer = alice.post(url, {"recipient_name": "Ada", "grade": "A\tB", "reason": "misspelt"})
        assert answer.status_code == 200
        assert "a tab or a line break" in answer.content.decode()
        assert Certificate.objects.for_tenant(world.here.tenant).count() == 1

    def test_signs_a_corrected_one_in_its_place(self, world: World, alice: Client) -> None:
        certificate = issued(world.here.tenant, course_version_id="3")
        url = reverse("admin:certificates_certificate_reissue", args=[certificate.pk])
        form = {"recipient_name": "Ada  King", "grade": "A", "reason": "misspelt"}
        assert alice.post(url, form).status_code == 302
        certificate.refresh_from_db()
        assert certificate.revocation_reason == "superseded"
        assert certificate.superseded_by.recipient_name == "Ada King"
        page = alice.get(
            reverse("admin:certificates_certificate_change", args=[certificate.pk])
        ).content.decode()
        assert f"/{certificate.superseded_by.pk}/change/" in page


class TestRenderJobs:
    def test_support_asks_for_files_again(self, world: World) -> None:
        certificate = award(world, "Grace Hopper", job=RenderJob.State.HELD)
        client = Client()
        client.force_login(world.here.members[Role.SUPPORT])
        url = reverse("admin:certificates_renderjob_retry", args=[certificate.pk])
        client.post(url)
        client.post(url)
        assert RenderJob.objects.get(pk=certificate.pk).state == RenderJob.State.QUEUED
        (message,) = OutboxMessage.objects.filter(dedupe_key__startswith="render:")
        assert message.payload == {"certificate_ids": [str(certificate.pk)]}

    def test_the_action_leaves_finished_ones_alone(self, world: World, alice: Client) -> None:
        held = award(world, "Grace Hopper", job=RenderJob.State.FAILED)
        done = world.here.certificate
        foreign = world.there.certificate
        RenderJob.objects.filter(pk=foreign.pk).update(state=RenderJob.State.FAILED)
        alice.post(
            reverse("admin:certificates_renderjob_changelist"),
            {
                "action": "retry_chosen",
                "_selected_action": [str(one.pk) for one in (held, done, foreign)],
            },
        )
        states = dict(RenderJob.objects.values_list("pk", "state"))
        assert states == {held.pk: "queued", done.pk: "done", foreign.pk: "failed"}


class TestCompletions:
    @pytest.mark.parametrize("state", list(Completion.State))
    def test_show_where_they_stand(
        self, world: World, alice: Client, state: Completion.State
    ) -> None:
        recipient = make_recipient(world.here.tenant, name="Grace Hopper")
        completion = make_completion(
            recipient, world.here.course, state=state, reason="because of a test"
        )
        url = reverse("admin:certificates_completion_change", args=[completion.pk])
        page = alice.get(url).content.decode()
        assert f"</svg>{state.label.capitalize()}</span>" in page
        assert "because of a test" in page
        assert (f"/{completion.certificate_id}/change/" in page) == (state == "issued")


class TestBeforeTheIssue:
    @pytest.fixture
    def completion(self, db: None) -> Completion:
        tenant = issuing_tenant()
        (receipt,) = intake.accept(tenant=tenant, reports=[report()], source="test", now=NOW)
        assert receipt.completion is not None
        return receipt.completion

    @pytest.fixture
    def owner(self, completion: Completion) -> Client:
        client = Client()
        client.force_login(make_member(completion.tenant, Role.OWNER, "owner"))
        return client

    def url(self, completion: Completion, act: str) -> str:
        return reverse(f"admin:certificates_completion_{act}", args=[completion.pk])

    def test_a_withdrawal_is_final(self, completion: Completion, owner: Client) -> None:
        url = self.url(completion, "withdraw")
        change = reverse("admin:certificates_completion_change", args=[completion.pk])
        assert url in owner.get(change).content.decode()
        answer = owner.post(url, {"reason": "fraud", "note": ""}, follow=True)
        assert b"withdrawn" in answer.content
        assert Certificate.objects.get().revocation_reason == "fraud"
        assert url not in owner.get(change).content.decode()

    def test_a_correction_issues_both(self, completion: Completion, owner: Client) -> None:
        facts = {"recipient_name": "Ada King", "grade": "", "reason": "married"}
        owner.post(self.url(completion, "correct"), facts)
        assert Certificate.objects.in_force(now=NOW).get().recipient_name == "Ada King"
        assert Certificate.objects.count() == 2

    def test_needs_the_right_to_revoke(self, completion: Completion) -> None:
        client = Client()
        client.force_login(make_member(completion.tenant, Role.AUDITOR, "auditor"))
        answer = client.post(self.url(completion, "withdraw"), {"reason": "fraud", "note": ""})
        assert answer.status_code == 403
        assert not Certificate.objects.exists()
