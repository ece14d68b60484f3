"""GET /api/v1/templates."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from templates_app.models import CertificateTemplate, TemplateVersion
from tenants.authentication import key_of

_TEXT = {"type": "string"}
_TEMPLATE = {
    "type": "object",
    "required": ["id", "name", "is_default", "version_id", "version"],
    "properties": {
        "id": _TEXT,
        "name": _TEXT,
        "is_default": {"type": "boolean"},
        "version_id": {"type": ["string", "null"], "format": "uuid"},
        "version": {"type": ["integer", "null"]},
    },
}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ANSWERS: dict[Any, Any] = {
    200: {
        "type": "object",
        "required": ["results", "next", "previous"],
        "properties": {
            "results": {"type": "array", "items": _TEMPLATE},
            "next": {"type": "null"},
            "previous": {"type": "null"},
        },
    },
    (401, "application/problem+json"): _PROBLEM,
    (403, "application/problem+json"): _PROBLEM,
}


class Templates(APIView):
    """A tenant's templates."""

    required_scopes = {"GET": "templates:read"}

    @extend_schema(operation_id="list_templates", responses=_ANSWERS)
    def get(self, request: Request) -> Response:
        """List the templates that completions may name, each with its published version."""
        templates = (
            CertificateTemplate.objects.for_tenant(key_of(request).tenant)
            .filter(archived_at__isnull=True)
            .order_by("name")
        )
        versions = TemplateVersion.objects.filter(
            template__in=templates, state=TemplateVersion.State.PUBLISHED
        ).order_by("number")
        published = {version.template_id: version for version in versions}
        return Response(
            {
                "results": [_body(template, published.get(template.pk)) for template in templates],
                "next": None,
                "previous": None,
            }
        )


def _body(template: CertificateTemplate, version: TemplateVersion | None) -> dict[str, Any]:
    return {
        "id": template.pk,
        "name": template.name,
        "is_default": template.is_default,
        "version_id": str(version.pk) if version else None,
        "version": version.number if version else None,
    }
