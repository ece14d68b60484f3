"""Indexes that are made beside writers."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Index

from certificates.models import Securing
from observability.indexes import AddIndexBeside

NAME = "securing_by_key"


def names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Securing._meta.db_table))


@pytest.mark.django_db(transaction=True)
def test_takes_the_place_of_one_that_is_there_already() -> None:
    state = MigrationLoader(connection).project_state()
    operation = AddIndexBeside("securing", Index(fields=["kid", "created_at"], name=NAME))
    assert NAME in names()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("certificates", editor, state, state)
    assert NAME in names()
