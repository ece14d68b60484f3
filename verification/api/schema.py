"""The verdict's form, for the OpenAPI document."""

from rest_framework import serializers

from verification.verdict import Outcome, Result


class CheckSchema(serializers.Serializer[object]):
    """One check."""

    name = serializers.ChoiceField(choices=["signature", "status", "expiry", "issuer", "file"])
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    detail = serializers.CharField()


class CertificateSchema(serializers.Serializer[object]):
    """What was signed, and what became of it since."""

    credential_url = serializers.URLField()
    verify_url = serializers.URLField()
    page_url = serializers.URLField(allow_null=True)
    recipient_name = serializers.CharField(allow_null=True)
    achievement_name = serializers.CharField()
    achievement_url = serializers.URLField()
    achievement_version = serializers.CharField(allow_blank=True)
    course_id = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    grade = serializers.CharField(allow_blank=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    issued_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    corrected_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    revocation_reason = serializers.CharField(allow_null=True)
    superseded_by = serializers.URLField(allow_null=True)


class DomainSchema(serializers.Serializer[object]):
    """The internet domain that says the issuer is its own."""

    name = serializers.CharField()
    method = serializers.ChoiceField(choices=["dns", "did:web"])
    confirmed_since = serializers.DateTimeField()
    checked_at = serializers.DateTimeField()


class IssuerSchema(serializers.Serializer[object]):
    """Who signed."""

    id = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField()
    domain = DomainSchema(allow_null=True)


class VerdictSchema(serializers.Serializer[object]):
    """A verdict. `certificate`, `issuer` and the key are absent for not_found and invalid."""

    result = serializers.ChoiceField(choices=[result.value for result in Result])
    in_force = serializers.BooleanField(allow_null=True)
    checked_at = serializers.DateTimeField()
    checks = CheckSchema(many=True)
    certificate = CertificateSchema(required=False)
    issuer = IssuerSchema(required=False)
    kid = serializers.CharField(required=False)
    kid_url = serializers.URLField(required=False)
    sample = serializers.BooleanField(required=False)
    private = serializers.BooleanField(required=False)
