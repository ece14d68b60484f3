"""Course versions from a file: loaded, updated, and never half understood."""

from pathlib import Path

import pytest

from certificates.catalogue import Loaded, load
from certificates.models import CourseVersion
from tenants.models import Tenant
from tests.factories.rows import (
    NOW,
    make_template,
    make_tenant,
)

SAMPLE = Path(__file__).parents[2] / "samples" / "courses.csv"
HEADER = "tenant,course_id,course_version_id,course_title,language,award_on,passing_score,template"
ROW = "harbourline,HL-1,2026.1,First Aid,en,passed,0.75,"

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant(slug="harbourline", name="Harbourline", language="cy")


def load_rows(*rows: str, tenant: Tenant | None = None) -> Loaded:
    return load(lines=[HEADER, *rows], tenant=tenant, now=NOW)


class TestLoad:
    def test_loads_the_sample_into_the_tenants_it_names_and_again_as_updates(
        self, tenant: Tenant
    ) -> None:
        make_tenant(slug="alnahr", name="Alnahr")
        lines = SAMPLE.read_text(encoding="utf-8").splitlines()
        assert load(lines=lines, tenant=None, now=NOW) == Loaded(created=9)
        assert load(lines=lines, tenant=None, now=NOW) == Loaded(updated=9)
        assert CourseVersion.objects.for_tenant(tenant).count() == 5
        first_aid = CourseVersion.objects.get(course_id="HL-FA1", version_id="2026.1")
        assert first_aid.external_ids["moodle_shortname"] == "HL-FA1-2026.1"
        assert str(first_aid.passing_score) == "0.7500"

    def test_sends_every_row_to_the_tenant_that_is_named(self, tenant: Tenant) -> None:
        assert load_rows(ROW.replace("harbourline", "nobody"), tenant=tenant).created == 1

    def test_updates_what_changed(self, tenant: Tenant) -> None:
        load_rows(ROW)
        load_rows(ROW.replace("First Aid", "First Aid at Work"))
        assert CourseVersion.objects.get().title == "First Aid at Work"

    def test_fills_what_is_empty_from_the_tenant(self, tenant: Tenant) -> None:
        load_rows("harbourline,HL-1,1,First Aid,,,,")
        course = CourseVersion.objects.get()
        assert (course.language, course.award_on, course.passing_score) == ("cy", "completed", None)

    def test_finds_a_template_by_its_name(self, tenant: Tenant) -> None:
        template = make_template(tenant, name="Gold")
        load_rows(f"{ROW}Gold")
        assert CourseVersion.objects.get().template == template

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (ROW.replace("harbourline", "nobody"), "line 2: no tenant 'nobody'"),
            (ROW.replace("0.75", "much"), "line 2"),
            (ROW.replace("passed", "attended"), "line 2"),
            (ROW.replace("First Aid", ""), "line 2"),
            (f"{ROW}Silver", "no template 'Silver'"),
        ],
    )
    def test_names_the_line_of_a_row_it_cannot_load(
        self, tenant: Tenant, row: str, words: str
    ) -> None:
        good = ROW.replace("2026.1", "2026.2")
        loaded = load_rows(row, good)
        assert loaded.created == 1
        assert len(loaded.problems) == 1
        assert words in loaded.problems[0]

    def test_never_moves_a_version_to_another_course(self, tenant: Tenant) -> None:
        load_rows(ROW)
        loaded = load_rows(ROW.replace("HL-1", "HL-2"))
        assert "belongs to course HL-1" in loaded.problems[0]
        assert CourseVersion.objects.get().course_id == "HL-1"

    def test_names_a_column_that_is_not_there(self, tenant: Tenant) -> None:
        loaded = load(lines=["course_id,course_title"], tenant=tenant, now=NOW)
        assert loaded.problems == ["line 1: there is no column course_version_id"]
