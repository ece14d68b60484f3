"""POST /api/v1/completions: once per event, for ever, and no input breaks it."""

import json
from typing import Any

import pytest

from certificates import issuance
from certificates.models import Certificate, Completion, Recipient
from tenants.models import Tenant
from tests.certificates.api.calls import Platform, completion
from tests.certificates.world import add_course, issued, issuing_tenant
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform() -> Platform:
    return Platform(issuing_tenant())


class TestOne:
    def test_answers_202_with_ids_and_addresses(self, platform: Platform) -> None:
        response = platform.post("completions", completion())
        assert response.status_code == 202
        body = response.json()
        row = Completion.objects.get()
        assert body["completion_id"] == str(row.pk)
        assert body["certificate_id"] == str(row.certificate_id)
        assert body["state"] == "accepted"
        assert body["verify_url"].startswith("http://testserver/verify/")
        assert (
            platform.client.get(
                body["status_url"].removeprefix("http://testserver"),
                headers={"Authorization": f"Bearer {platform.text}"},
            ).json()["state"]
            == "accepted"
        )

    def test_the_same_event_answers_200_with_the_same_ids_and_the_present_state(
        self, platform: Platform
    ) -> None:
        first = platform.post("completions", completion()).json()
        issuance.issue(completion_ids=[first["completion_id"]], now=NOW)
        again = platform.post("completions", completion())
        assert again.status_code == 200
        assert again.json() == {**first, "state": "issued"}

    def test_the_same_instant_written_otherwise_is_the_same(self, platform: Platform) -> None:
        platform.post("completions", completion())
        again = platform.post("completions", completion(completed_at="2026-02-27T08:00:00Z"))
        assert again.status_code == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"recipient": {"id": "person-of-evt-1", "name": "Ada King"}},
            {"recipient": {"id": "someone else", "name": "Ada Lovelace"}},
            {"completed_at": "2026-02-27T09:00:01+01:00"},
            {"grade": "A"},
        ],
    )
    def test_other_content_under_the_same_event_is_409_and_changes_nothing(
        self, platform: Platform, changes: dict[str, Any]
    ) -> None:
        platform.post("completions", completion())
        response = platform.post("completions", completion(**changes))
        assert response.status_code == 409
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["errors"][0]["pointer"] == "/event_id"
        assert Completion.objects.count() == 1
        assert Recipient.objects.get().names == ["Ada Lovelace"]

    def test_a_further_completion_of_the_same_award_answers_with_the_one_in_force(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant, recipient_id="p")
        body = completion("evt-2", recipient={"id": "p", "name": "Ada Lovelace"})
        response = Platform(tenant).post("completions", body)
        assert response.status_code == 202
        assert response.json()["certificate_id"] == str(certificate.pk)
        assert response.json()["note"] == "already_certified"
        assert Certificate.objects.count() == 1

    def test_a_course_that_allows_repeats_gives_another(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="R", version_id="r", allows_repeats=True)
        first = issued(tenant, recipient_id="p", course_version_id="r")
        body = completion("evt-2", recipient={"id": "p", "name": "Ada"}, course={"version_id": "r"})
        response = Platform(tenant).post("completions", body).json()
        assert response["certificate_id"] != str(first.pk)
        assert "note" not in response

    def test_prints_the_name_of_the_event_though_a_later_one_differs(
        self, platform: Platform
    ) -> None:
        add_course(Tenant.objects.get(), version_id="b", course_id="B")
        first = platform.post("completions", completion(recipient={"id": "p", "name": "Old"}))
        platform.post(
            "completions",
            completion("evt-2", recipient={"id": "p", "name": "New"}, course={"version_id": "b"}),
        )
        (certificate,) = issuance.issue(completion_ids=[first.json()["completion_id"]], now=NOW)
        assert certificate.recipient_name == "Old"


class TestFields:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"event_id": ""}, "/event_id"),
            ({"event_id": 7}, "/event_id"),
            ({"event_id": "x" * 129}, "/event_id"),
            ({"colour": "red"}, "/colour"),
            ({"recipient": {"id": "p"}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "A", "age": 3}}, "/recipient/age"),
            ({"recipient": {"id": "p", "name": ""}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "x" * 201}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "A\u0000B"}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "A\u202eB"}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "A\u0085B"}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": ["A"]}}, "/recipient/name"),
            ({"recipient": {"id": "p", "name": "\u200b\u200b"}}, "/recipient/name"),
            ({"recipient": None}, "/recipient"),
            ({"course": {"version_id": "nope"}}, "/course/version_id"),
            ({"course": {"version_id": "2026.1", "id": "other"}}, "/course/id"),
            ({"completed_at": "2026-02-30T00:00:00Z"}, "/completed_at"),
            ({"completed_at": "2026-02-27"}, "/completed_at"),
            ({"completed_at": "2026-02-27T09:00:00"}, "/completed_at"),
            ({"completed_at": "2999-01-01T00:00:00Z"}, "/completed_at"),
            ({"completed_at": 1772000000}, "/completed_at"),
            ({"backfill": "yes"}, "/backfill"),
            ({"result": {"note": "A\u0000"}}, "/result/note"),
            ({"evidence": [{"id": "javascript:alert(1)"}]}, "/evidence/0/id"),
            ({"template_id": "nothing"}, "/template_id"),
        ],
    )
    def test_wrong_ones_are_422_with_a_pointer_and_nothing_is_stored(
        self, platform: Platform, changes: dict[str, Any], pointer: str
    ) -> None:
        response = platform.post("completions", completion(**changes))
        assert response.status_code == 422, response.content
        assert response["Content-Type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
        assert Completion.objects.count() == Recipient.objects.count() == 0

    def test_html_is_kept_as_text(self, platform: Platform) -> None:
        name = "<script>alert('x')</script>"
        response = platform.post("completions", completion(recipient={"id": "p", "name": name}))
        assert response.status_code == 202
        assert Recipient.objects.get().name == name


class TestBytes:
    @pytest.mark.parametrize(
        "raw",
        [
            b"{",
            b"\xff\xfe{}",
            b'{"a": "\xc0\xaf"}',
            b'{"event_id": "a", "event_id": "b"}',
            b'{"x": NaN}',
            b'{"x": 1e999}',
            b'{"x": "\\ud800"}',
            b"[" * 5000 + b"]" * 5000,
            b'{"a":' * 40 + b"1" + b"}" * 40,
            b"\x00",
            b"\xef\xbb\xbf{}",
        ],
    )
    def test_what_cannot_be_read_is_400(self, platform: Platform, raw: bytes) -> None:
        response = platform.send("completions", raw)
        assert response.status_code == 400, response.content
        assert response["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("raw", [b"", b"null", b"7", b'"x"', b"true"])
    def test_other_json_is_422(self, platform: Platform, raw: bytes) -> None:
        assert platform.send("completions", raw).status_code == 422

    def test_too_large_is_413(self, platform: Platform) -> None:
        raw = json.dumps(completion(grade="x" * 6_000_000)).encode()
        response = platform.send("completions", raw)
        assert response.status_code == 413
        assert response["Content-Type"] == "application/problem+json"

    def test_another_media_type_is_415(self, platform: Platform) -> None:
        assert platform.send("completions", b"a=b", "text/plain").status_code == 415


class TestArray:
    def test_accepts_the_good_ones_whatever_the_bad_ones_are(self, platform: Platform) -> None:
        items = [
            completion("a"),
            completion("b", completed_at="never"),
            7,
            completion("a", grade="changed"),
            completion("a"),
            completion("c"),
        ]
        response = platform.post("completions", items)
        assert response.status_code == 207
        results = response.json()["results"]
        assert [result["index"] for result in results] == [0, 1, 2, 3, 4, 5]
        assert [result["status"] for result in results] == [202, 422, 422, 409, 200, 202]
        assert results[1]["event_id"] == "b"
        assert results[1]["problem"]["errors"][0]["pointer"] == "/completed_at"
        assert results[4]["completion_id"] == results[0]["completion_id"]
        assert Completion.objects.count() == 2

    def test_of_more_than_a_thousand_is_413_and_stores_nothing(self, platform: Platform) -> None:
        assert platform.post("completions", [completion("x")] * 1001).status_code == 413
        assert Completion.objects.count() == 0

    def test_of_nothing_is_422(self, platform: Platform) -> None:
        assert platform.post("completions", []).status_code == 422

    def test_of_the_same_person_twice_certifies_once(self, platform: Platform) -> None:
        person = {"id": "p", "name": "Ada"}
        response = platform.post(
            "completions", [completion("a", recipient=person), completion("b", recipient=person)]
        )
        first, second = response.json()["results"]
        assert second["note"] == "already_certified"
        assert second["certificate_id"] == first["certificate_id"]


class TestKeys:
    def test_none_is_401(self, platform: Platform) -> None:
        response = platform.client.post(
            "/api/v1/completions", data=b"{}", content_type="application/json"
        )
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert "WWW-Authenticate" in response

    def test_another_scope_is_403(self) -> None:
        platform = Platform(issuing_tenant(), scopes=["certificates:read"])
        assert platform.post("completions", completion()).status_code == 403

    def test_another_tenant_sees_404(self, platform: Platform) -> None:
        made = platform.post("completions", completion()).json()
        stranger = Platform(issuing_tenant("other"))
        assert stranger.get(f"completions/{made['completion_id']}").status_code == 404
        assert stranger.post("completions", completion()).status_code == 202
