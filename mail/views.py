"""The mail provider's door: it tells of letters that came back and of complaints."""

import hmac
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mail import bounces
from mail.dsn import email_id_of

_BEARER = "Bearer "


class ProviderAuthentication(BaseAuthentication):
    """The one secret of the installation's mail provider (MAIL_WEBHOOK_TOKEN)."""

    def authenticate(self, request: Request) -> None:
        """Refuse whoever does not know it. Without a secret the door is shut."""
        given = request.headers.get("Authorization", "")
        wanted = f"{_BEARER}{settings.MAIL_WEBHOOK_TOKEN}"
        if not settings.MAIL_WEBHOOK_TOKEN or not hmac.compare_digest(
            given.encode(), wanted.encode()
        ):
            raise AuthenticationFailed("This address needs the token in MAIL_WEBHOOK_TOKEN.")

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Name the scheme (RFC 9110 section 11.6.1)."""
        return "Bearer"


class ProviderScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names the secret."""

    target_class = ProviderAuthentication
    name = "MailProvider"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the security scheme object."""
        return {"type": "http", "scheme": "bearer"}


class BounceSerializer(serializers.Serializer[None]):
    """What every provider can say, whatever its own form of it."""

    message_id = serializers.CharField(max_length=200, help_text="The letter's Message-ID.")
    event = serializers.ChoiceField(choices=["bounce", "complaint"])
    is_final = serializers.BooleanField(
        default=True, help_text="The address will never take a letter."
    )

    def validate_message_id(self, value: str) -> str:
        """Refuse what is no letter of ours."""
        if email_id_of(value) is None:
            raise serializers.ValidationError("This is no Message-ID of this installation.")
        return value


class BouncesView(APIView):
    """`POST /mail/bounces`."""

    authentication_classes = (ProviderAuthentication,)
    permission_classes = ()
    serializer_class = BounceSerializer

    @extend_schema(responses={204: OpenApiResponse(description="Noted, or none of ours.")})
    def post(self, request: Request) -> Response:
        """Note one letter."""
        news = BounceSerializer(data=request.data)
        news.is_valid(raise_exception=True)
        email_id = email_id_of(news.validated_data["message_id"])
        if email_id is not None:
            complaint = news.validated_data["event"] == "complaint"
            bounces.note(
                email_id=email_id,
                reason="complaint" if complaint else "came back",
                is_final=complaint or news.validated_data["is_final"],
                now=timezone.now(),
            )
        return Response(status=HTTPStatus.NO_CONTENT)
