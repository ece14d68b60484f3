"""URIs and terms of the VC data model 2.0 and Open Badges 3.0."""

VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"
# Always the versioned one: the unversioned address has changed its content before.
OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
OB_SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
SCHEMA_TYPE = "1EdTechJsonSchemaValidator2019"

CREDENTIAL_TYPES = ["VerifiableCredential", "OpenBadgeCredential"]
STATUS_ENTRY_TYPE = "BitstringStatusListEntry"
STATUS_LIST_TYPE = "BitstringStatusList"
STATUS_LIST_CREDENTIAL_TYPE = "BitstringStatusListCredential"
REVOCATION = "revocation"

CREDENTIAL_TYP = "JWT"  # Open Badges 3.0, #joseheader: absent or JWT
STATEMENT_TYP = "qr+jwt"  # RFC 8725 3.11: of a kind that no credential is
STATUS_LIST_TYP = "vc+jwt"  # VC-JOSE-COSE 3.1; Open Badges does not govern status lists
