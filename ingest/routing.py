"""Which tenant a row belongs to: the one whose catalogue holds its course version."""

from certificates.completion import FieldProblem, shown
from certificates.models import CourseVersion
from tenants.models import Tenant


class Catalogues:
    """The catalogues a file may draw on, read once."""

    def __init__(self, *, tenant: Tenant | None) -> None:
        courses = CourseVersion.objects.all()
        if tenant is not None:
            courses = courses.for_tenant(tenant)
        self._tenants = {one.pk: one for one in ([tenant] if tenant else Tenant.objects.all())}
        self._owners: dict[tuple[str, str], list[str]] = {}
        self._courses: set[str] = set()
        rows = courses.values_list("course_id", "version_id", "tenant_id")
        for course_id, version_id, tenant_id in rows:
            self._owners.setdefault((course_id, version_id), []).append(tenant_id)
            self._courses.add(course_id)

    def owner_of(self, *, course_id: str, version_id: str) -> Tenant | FieldProblem:
        """Return the tenant that offers a course version, or why there is no such one.

        Never another version than the one that was named, and never a guess between tenants.
        """
        owners = self._owners.get((course_id, version_id), [])
        if len(owners) == 1:
            return self._tenants[owners[0]]
        if owners:
            return FieldProblem(
                "course_version_id",
                "ambiguous_course",
                "is offered by several tenants",
                remedy="Name the tenant with --tenant.",
                value=shown(version_id),
            )
        if course_id in self._courses:
            return FieldProblem(
                "course_version_id",
                "unknown_course_version",
                f"is no version of course {shown(course_id)} in the catalogue",
                remedy="Load the course version first, or correct the id.",
                value=shown(version_id),
            )
        return FieldProblem(
            "course_id",
            "unknown_course",
            "is not in the catalogue",
            remedy="Load the course first, or correct the id.",
            value=shown(course_id),
        )
