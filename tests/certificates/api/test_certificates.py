"""Reading, revoking and re-issuing by API."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from certificates.models import Certificate
from templates_app.models import CertificateTemplate
from tests.certificates.api.calls import Platform, completion
from tests.certificates.world import add_course, issue_all, issued, issuing_tenant
from tests.factories.rows import NOW

pytestmark = pytest.mark.django_db


class TestRead:
    def test_one_has_what_the_contract_promises(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        body = Platform(tenant).get(f"certificates/{certificate.pk}").json()
        assert body["state"] == "issued"
        assert body["recipient"] == {"id": "person-of-evt-1", "name": "Ada Lovelace"}
        assert body["token"].replace("-", "") == certificate.token
        assert body["files"]["jws"].endswith("/credential.jws")
        assert body["files"]["pdf"] is None
        assert body["files"]["json"] is None

    def test_a_list_pages_without_gaps_in_few_queries(
        self, django_assert_max_num_queries: Any
    ) -> None:
        tenant = issuing_tenant()
        for batch in range(4):
            issue_all(tenant, 30, prefix=f"evt-{batch}", now=NOW + timedelta(seconds=batch))
        platform = Platform(tenant)
        platform.get("certificates")
        with django_assert_max_num_queries(4):
            first = platform.get("certificates").json()
        assert len(first["results"]) == 100
        assert first["previous"] is None
        cursor = first["next"].split("cursor=")[1].replace("%3D", "=")
        second = platform.get("certificates", cursor=cursor).json()
        seen = {one["id"] for one in first["results"] + second["results"]}
        assert len(seen) == 120
        assert second["next"] is None

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"recipient_id": "person-of-a"}, 1),
            ({"course_version_id": "2026.1"}, 2),
            ({"event_id": "b"}, 1),
            ({"state": "issued"}, 2),
            ({"state": "revoked"}, 1),
            ({"state": "expired"}, 0),
            ({"issued_after": "2999-01-01T00:00:00Z"}, 0),
            ({"issued_after": "2026-01-01T00:00:00Z"}, 3),
        ],
    )
    def test_filters(self, query: dict[str, str], found: int) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="B", version_id="b")
        issued(tenant, "a")
        issued(tenant, "b")
        other = issued(tenant, "c", course_version_id="b")
        platform = Platform(tenant)
        platform.post(f"certificates/{other.pk}/revoke", {"reason": "fraud"})
        assert len(platform.get("certificates", **query).json()["results"]) == found

    @pytest.mark.parametrize(
        "query", [{"state": "x"}, {"issued_after": "yesterday"}, {"event_id": "a\x00"}]
    )
    def test_a_wrong_filter_is_422(self, query: dict[str, str]) -> None:
        assert Platform(issuing_tenant()).get("certificates", **query).status_code == 422

    @pytest.mark.parametrize(
        "text",
        [
            "p=yesterday",
            "p=\x00",
            "p=",
            "o=-1&p=2026",
            "p=2026-13-01T00:00:00Z",
            "p=2026-01-01T00:00:00",
            "p=0001-01-01T00:00:00%2B14:00",
            "p=9999-12-31T23:59:59-14:00",
        ],
    )
    def test_a_wrong_cursor_is_404(self, text: str) -> None:
        cursor = base64.b64encode(text.encode()).decode()
        response = Platform(issuing_tenant()).get("certificates", cursor=cursor)
        assert response.status_code == 404

    def test_another_tenants_is_404(self) -> None:
        certificate = issued(issuing_tenant())
        stranger = Platform(issuing_tenant("other"))
        for path in ("", "/revoke", "/reissue"):
            call = stranger.get if not path else (lambda p: stranger.post(p, {"reason": "fraud"}))
            assert call(f"certificates/{certificate.pk}{path}").status_code == 404
        assert stranger.get("certificates").json()["results"] == []
        certificate.refresh_from_db()
        assert certificate.revoked_at is None


class TestRevoke:
    def test_is_final_and_twice_is_unchanged(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant)
        path = f"certificates/{certificate.pk}/revoke"
        first = platform.post(path, {"reason": "fraud", "note": "told by phone"})
        assert first.status_code == 200
        assert first.json()["state"] == "revoked"
        second = platform.post(path, {"reason": "other"})
        assert second.status_code == 200
        assert second.json()["revocation_reason"] == "fraud"
        assert second.json()["revoked_at"] == first.json()["revoked_at"]
        assert "told by phone" not in second.content.decode()

    def test_before_the_issue_wins(self) -> None:
        platform = Platform(issuing_tenant())
        promised = platform.post("completions", completion()).json()
        path = f"certificates/{promised['certificate_id']}/revoke"
        answer = platform.post(path, {"reason": "fraud"})
        assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
        verdict = Client().get(
            urlsplit(promised["verify_url"]).path, headers={"Accept": "application/json"}
        )
        assert verdict.json()["result"] == "revoked"
        again = platform.post("completions", completion()).json()
        assert again == promised | {"state": "issued"}

    def test_of_what_cannot_be_issued_answers_with_its_completion(self) -> None:
        platform = Platform(issuing_tenant())
        promised = platform.post("completions", completion()).json()
        CertificateTemplate.objects.update(archived_at=NOW)
        path = f"certificates/{promised['certificate_id']}/revoke"
        answer = platform.post(path, {"reason": "fraud"})
        assert (answer.status_code, answer.json()["state"]) == (200, "refused")
        assert answer.json()["completion_id"] == promised["completion_id"]
        assert platform.post(path, {"reason": "other"}).json() == answer.json()

    @pytest.mark.parametrize("body", [{}, {"reason": "because"}, {"reason": "fraud", "x": 1}, []])
    def test_a_wrong_body_is_422(self, body: Any) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        path = f"certificates/{certificate.pk}/revoke"
        assert Platform(tenant).post(path, body).status_code == 422
        assert Certificate.objects.get().revoked_at is None

    def test_needs_its_own_scope(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant, scopes=["completions:write", "certificates:read"])
        path = f"certificates/{certificate.pk}/revoke"
        assert platform.post(path, {"reason": "fraud"}).status_code == 403


class TestReissue:
    def test_answers_201_with_the_new_one_and_links_the_old(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant)
        response = platform.post(
            f"certificates/{certificate.pk}/reissue",
            {"recipient_name": "Ada King", "grade": "A", "reason": "married"},
        )
        assert response.status_code == 201, response.content
        assert response.json()["recipient"]["name"] == "Ada King"
        assert response.json()["supersedes"] == str(certificate.pk)
        old = platform.get(f"certificates/{certificate.pk}").json()
        assert old["state"] == "superseded"
        assert old["superseded_by"] == response.json()["id"]

    def test_before_the_issue_gives_both(self) -> None:
        platform = Platform(issuing_tenant())
        promised = platform.post("completions", completion()).json()
        path = f"certificates/{promised['certificate_id']}"
        answer = platform.post(f"{path}/reissue", {"recipient_name": "Ada King", "reason": "x"})
        assert (answer.status_code, answer.json()["supersedes"]) == (
            201,
            promised["certificate_id"],
        )
        assert platform.get(path).json()["superseded_by"] == answer.json()["id"]

    def test_of_a_revoked_one_is_409(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant)
        platform.post(f"certificates/{certificate.pk}/revoke", {"reason": "fraud"})
        response = platform.post(f"certificates/{certificate.pk}/reissue", {"reason": "x"})
        assert response.status_code == 409

    def test_a_name_no_door_takes_is_422(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        response = Platform(tenant).post(
            f"certificates/{certificate.pk}/reissue", {"recipient_name": "\u200b", "reason": "x"}
        )
        assert response.status_code == 422
        assert Certificate.objects.count() == 1

    @pytest.mark.parametrize("grade", ["A\nB", "A\tB", "x" * 201])
    def test_a_grade_no_door_takes_is_422(self, grade: str) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        response = Platform(tenant).post(
            f"certificates/{certificate.pk}/reissue", {"grade": grade, "reason": "x"}
        )
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/grade"

    def test_without_a_design_to_issue_with_is_409(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        CertificateTemplate.objects.update(archived_at=NOW)
        platform = Platform(tenant)
        response = platform.post(f"certificates/{certificate.pk}/reissue", {"reason": "x"})
        assert response.status_code == 409
        assert "published template" in response.json()["detail"]
        assert platform.get(f"certificates/{certificate.pk}").json()["state"] == "issued"

    def test_of_a_renewed_one_is_409(self) -> None:
        tenant = issuing_tenant()
        add_course(tenant, course_id="B", version_id="b", validity_days=1)
        facts: dict[str, Any] = {"recipient_id": "p", "course_version_id": "b"}
        old = issued(tenant, "evt-1", **facts, now=NOW - timedelta(days=9))
        issued(tenant, "evt-2", **facts)
        response = Platform(tenant).post(f"certificates/{old.pk}/reissue", {"reason": "x"})
        assert response.status_code == 409

    def test_needs_both_scopes(self) -> None:
        tenant = issuing_tenant()
        certificate = issued(tenant)
        platform = Platform(tenant, scopes=["certificates:revoke"])
        path = f"certificates/{certificate.pk}/reissue"
        assert platform.post(path, {"reason": "x"}).status_code == 403
