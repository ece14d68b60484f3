"""The verdict for programs."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from certificates.api.answers import PROBLEM
from verification.api.schema import VerdictSchema
from verification.views import answer


class VerifyView(APIView):
    """Anybody may ask; the token is all it takes."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="verify",
        summary="Verify a certificate by its token",
        parameters=[OpenApiParameter("token", str, OpenApiParameter.PATH)],
        responses={
            200: VerdictSchema,
            400: VerdictSchema,
            404: VerdictSchema,
            (503, "application/problem+json"): PROBLEM,
        },
        auth=[],
    )
    def get(self, request: Request, token: str) -> HttpResponseBase:
        """Answer the verdict on a token."""
        return answer(request, token, as_page=False)
