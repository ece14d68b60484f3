"""System checks of signing: a service that cannot use its keys does not start."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connection

from signing import custody, pkcs11_session, rewrapping
from signing.models import SigningKey

_State = SigningKey.State


def keys_open(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that every key that signs or will sign next can be used, and where new ones go."""
    if not _has_tables(databases):
        return []
    problems = {message.msg: message for message in _token_answers()}
    for key in SigningKey.objects.filter(state__in=[_State.NEXT, _State.ACTIVE]):
        try:
            custody.opened(key)
        except pkcs11_session.TokenAway as error:
            message = _away(error)
            problems[message.msg] = message  # one token, one message
        except custody.CannotOpen as error:
            message = _shut(key, error)
            problems[message.msg] = message
    return list(problems.values())


def previous_key_may_go(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say which keys still need KEY_ENCRYPTION_KEY_PREVIOUS, or that none does."""
    if not (_has_tables(databases) and settings.KEY_ENCRYPTION_KEY_PREVIOUS):
        return []
    left = [key.thumbprint for key in rewrapping.not_under_present_key()]
    if left:
        return [
            checks.Warning(
                f"{len(left)} keys are not under KEY_ENCRYPTION_KEY yet: {', '.join(left)}.",
                hint="Once every process has both keys, run: manage.py rewrap_keys",
                id="signing.W002",
            )
        ]
    return [
        checks.Warning(
            "KEY_ENCRYPTION_KEY_PREVIOUS is set, and no key needs it any more.",
            hint="Remove KEY_ENCRYPTION_KEY_PREVIOUS and restart.",
            id="signing.W003",
        )
    ]


def _has_tables(databases: Sequence[str] | None) -> bool:
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return False
    # `migrate` checks first: the table, or a column of it, may still be to come.
    model = SigningKey._meta  # noqa: SLF001
    with connection.cursor() as cursor:
        if model.db_table not in connection.introspection.table_names(cursor):
            return False
        there = connection.introspection.get_table_description(cursor, model.db_table)
    return {column.column for column in model.local_fields} <= {column.name for column in there}


def _token_answers() -> list[CheckMessage]:
    if not pkcs11_session.configured():
        return []
    try:
        pkcs11_session.probe()
    except pkcs11_session.TokenAway as error:
        return [_away(error)]
    return []


def _shut(key: SigningKey, error: custody.CannotOpen) -> Error:
    if key.custody == SigningKey.Custody.PKCS11:
        return Error(
            f"PKCS11_TOKEN does not hold signing key {key.thumbprint}: {error}.",
            hint="Set the PKCS11_TOKEN the key was made in, or rotate.",
            id="signing.E004",
        )
    return Error(
        f"KEY_ENCRYPTION_KEY does not open signing key {key.thumbprint}.",
        hint="Set the KEY_ENCRYPTION_KEY this database was run with before; while you change it,"
        " give the former one as KEY_ENCRYPTION_KEY_PREVIOUS.",
        id="signing.E001",
    )


def _away(error: pkcs11_session.TokenAway) -> CheckMessage:
    if isinstance(error, pkcs11_session.TokenMisconfigured):
        return Error(str(error), id="signing.E005")
    # Verifying needs no token: an outage of it must not keep the service from starting.
    return checks.Warning(str(error), id="signing.W006")
