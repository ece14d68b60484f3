"""Roles and their rights."""

from tenants.roles import Right, Role, allows


class TestAllows:
    def test_gives_an_owner_everything(self) -> None:
        assert all(allows(Role.OWNER, right) for right in Right)

    def test_lets_everybody_look(self) -> None:
        assert all(allows(role, Right.VIEW) for role in Role)

    def test_keeps_withdrawing_to_owners_and_issuers(self) -> None:
        assert {role for role in Role if allows(role, Right.REVOKE)} == {Role.OWNER, Role.ISSUER}

    def test_keeps_the_keys_to_owners(self) -> None:
        assert {role for role in Role if allows(role, Right.MANAGE_KEYS)} == {Role.OWNER}
