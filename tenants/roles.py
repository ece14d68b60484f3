"""The six roles of a tenant's people and the rights each one carries."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of a tenant may be."""

    OWNER = "owner"
    DESIGNER = "designer"
    ISSUER = "issuer"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    SUPPORT = "support"


class Right(StrEnum):
    """What a screen or an action may ask for."""

    VIEW = "view"
    MANAGE_TENANT = "manage_tenant"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_KEYS = "manage_keys"
    DESIGN = "design"
    MANAGE_COURSES = "manage_courses"
    ISSUE = "issue"
    REVOKE = "revoke"
    DECIDE_CLAIMS = "decide_claims"
    READ_AUDIT = "read_audit"
    RESEND = "resend"
    ANSWER = "answer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.DESIGNER: frozenset({Right.VIEW, Right.DESIGN}),
    Role.ISSUER: frozenset(
        {
            *(Right.VIEW, Right.MANAGE_COURSES, Right.ISSUE, Right.REVOKE),
            *(Right.RESEND, Right.ANSWER),
        }
    ),
    Role.REVIEWER: frozenset({Right.VIEW, Right.DECIDE_CLAIMS}),
    Role.AUDITOR: frozenset({Right.VIEW, Right.READ_AUDIT}),
    Role.SUPPORT: frozenset({Right.VIEW, Right.RESEND, Right.ANSWER}),
}


def allows(role: Role, right: Right) -> bool:
    """Say whether a role carries a right."""
    return right in RIGHTS[role]
