"""Reading, revoking and re-issuing certificates by API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates import promised
from certificates.api import answers, schemas
from certificates.api.bodies import certificate_body, completion_body
from certificates.api.refusals import conflict, unprocessable
from certificates.awards import NoTemplate
from certificates.completion import read_grade, read_name
from certificates.credential.lint import NotLinted
from certificates.models import Certificate, Completion
from certificates.models.certificate import CertificateQuerySet
from certificates.moments import read_time
from certificates.queries import certificates_of
from certificates.reissue import NotReissuable
from tenants.authentication import key_of

_NONE = "This tenant has no certificate with that id."


class _Pages(CursorPagination):
    page_size = 100
    ordering = ("-issued_at", "-id")

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Refuse a cursor that no answer of ours held."""
        cursor = super().decode_cursor(request)
        position = cursor.position if cursor else None
        # Ours hold a time as Python writes it, with a space for the T.
        if position is not None and read_time(str(position).replace(" ", "T")) is None:
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Certificates(APIView):
    """A tenant's certificates."""

    required_scopes = {"GET": "certificates:read"}

    @extend_schema(
        operation_id="list_certificates",
        parameters=[
            OpenApiParameter("recipient_id", str, description="Your id of the person."),
            OpenApiParameter("course_version_id", str),
            OpenApiParameter("state", str, enum=Certificate.State.values),
            OpenApiParameter("issued_after", str, description="RFC 3339."),
            OpenApiParameter("event_id", str),
            OpenApiParameter("cursor", str),
        ],
        responses={200: answers.CERTIFICATES, **answers.refusals(404, 422)},
    )
    def get(self, request: Request) -> Response:
        """List certificates, newest first."""
        now = timezone.now()
        found = _filtered(certificates_of(key_of(request).tenant), request.query_params, now)
        pages = _Pages()
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([certificate_body(one, now=now) for one in page])


class CertificateDetail(APIView):
    """One certificate."""

    required_scopes = {"GET": "certificates:read"}

    @extend_schema(
        operation_id="read_certificate",
        responses={200: answers.CERTIFICATE, **answers.refusals(404)},
    )
    def get(self, request: Request, certificate_id: UUID) -> Response:
        """Return one certificate."""
        certificate = _own(request, certificate_id)
        return Response(certificate_body(certificate, now=timezone.now()))


class Revocation(APIView):
    """Withdraw a certificate."""

    required_scopes = {"POST": "certificates:revoke"}

    @extend_schema(
        operation_id="revoke_certificate",
        request={"application/json": schemas.REVOCATION},
        responses={200: answers.WITHDRAWN, **answers.refusals(400, 404, 415, 422)},
    )
    def post(self, request: Request, certificate_id: UUID) -> Response:
        """Revoke a certificate for good, issued or still to be."""
        _require(request, certificate_id)
        body = _checked(request, "revocation")
        now = timezone.now()
        found = promised.withdraw(
            tenant=key_of(request).tenant,
            certificate_id=certificate_id,
            reason=Certificate.Reason(body["reason"]),
            note=body.get("note", ""),
            actor=f"api-key:{key_of(request).key_id}",
            now=now,
        )
        if isinstance(found, Completion):
            return Response(completion_body(found))
        return Response(certificate_body(_own(request, certificate_id), now=now))


class Reissue(APIView):
    """Replace a certificate by a corrected one."""

    required_scopes = {"POST": "certificates:revoke completions:write"}

    @extend_schema(
        operation_id="reissue_certificate",
        request={"application/json": schemas.REISSUE},
        responses={201: answers.CERTIFICATE, **answers.refusals(400, 404, 409, 415, 422)},
    )
    def post(self, request: Request, certificate_id: UUID) -> Response:
        """Issue a corrected certificate; the old one says that it was replaced."""
        _require(request, certificate_id)
        body = _checked(request, "reissue")
        now = timezone.now()
        name, wrong_name = read_name(body.get("recipient_name", ""))
        grade, wrong_grade = read_grade(body.get("grade", ""))
        if problems := wrong_name + wrong_grade:
            raise unprocessable(
                [{"pointer": f"/{one.field}", "detail": one.detail} for one in problems]
            )
        try:
            replacement = promised.correct(
                tenant=key_of(request).tenant,
                certificate_id=certificate_id,
                recipient_name=name or None,
                grade=grade if "grade" in body else None,
                reason=body["reason"],
                actor=f"api-key:{key_of(request).key_id}",
                now=now,
            )
        except (NotReissuable, NoTemplate) as error:
            raise conflict(str(error)) from error
        except NotLinted as error:
            raise unprocessable(
                [{"pointer": "", "detail": reason} for reason in error.reasons]
            ) from error
        if replacement is None:
            raise NotFound(_NONE)
        return Response(certificate_body(replacement, now=now), status=201)


def _own(request: Request, certificate_id: UUID) -> Certificate:
    found: Certificate | None = (
        certificates_of(key_of(request).tenant).filter(pk=certificate_id).first()
    )
    if found is None:
        raise NotFound(_NONE)
    return found


def _require(request: Request, certificate_id: UUID) -> None:
    """Know an id before its body is looked at: a stranger is told nothing, whatever was sent."""
    if not promised.is_known(tenant=key_of(request).tenant, certificate_id=certificate_id):
        raise NotFound(_NONE)


def _checked(request: Request, schema: str) -> dict[str, Any]:
    body: Any = request.data
    errors = schemas.problems(schema, body)
    if errors:
        raise unprocessable(errors)
    return dict(body)


def _filtered(found: CertificateQuerySet, asked: Any, now: datetime) -> CertificateQuerySet:
    lookups = {
        "recipient_id": "recipient__external_id",
        "course_version_id": "course_version__version_id",
        "event_id": "completion__event_id",
    }
    for name, lookup in lookups.items():
        if asked.get(name):
            if "\x00" in asked[name]:
                raise unprocessable([{"pointer": f"/{name}", "detail": "holds a NUL"}])
            found = found.filter(**{lookup: asked[name]})
    if asked.get("state"):
        if asked["state"] not in Certificate.State.values:
            detail = f"is none of {', '.join(Certificate.State.values)}"
            raise unprocessable([{"pointer": "/state", "detail": detail}])
        found = found.in_state(Certificate.State(asked["state"]), now=now)
    if asked.get("issued_after"):
        moment = read_time(asked["issued_after"])
        if moment is None:
            detail = "is not an RFC 3339 time with an offset"
            raise unprocessable([{"pointer": "/issued_after", "detail": detail}])
        found = found.filter(issued_at__gt=moment)
    return found
