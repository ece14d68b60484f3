"""Many rows in one go: what is written beside every batch must cost microseconds a row."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

# What a driver takes as it is; bytes come wrapped as the driver wants them.
Value = Any
AnyModel = TypeVar("AnyModel", bound=models.Model)

_CHUNK = 500
# So few rows as this are one statement, which needs no preparing and no further round trip.
_FEW = 8
# What the text form of COPY gives a meaning of its own.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(
    *,
    model: type[models.Model],
    fields: Sequence[str],
    rows: Sequence[Sequence[Value]],
    skip_conflicts: bool = False,
) -> None:
    """Insert rows of text and numbers, in the caller's transaction; fields are column names.

    JSON comes as text and times come from `timestamp`: preparing each value by its field, as
    `bulk_create` does, costs several times the insert. No value reaches a database span.
    """
    quote = connection.ops.quote_name
    # Names of tables and columns only, and those are ours.
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, fields))})"  # noqa: SLF001 - Django's documented API
    if skip_conflicts or len(rows) <= _FEW:
        _insert(into, rows, " ON CONFLICT DO NOTHING" if skip_conflicts else "")
    elif connection.vendor == "postgresql":
        _copy(into, rows)
    else:
        marks = ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - names


def timestamp(moment: datetime) -> str:
    """Return a time as the database in use writes it."""
    return _timestamp(moment, connection.vendor)


@lru_cache(maxsize=1024)  # a batch writes the same few moments into thousands of rows
def _timestamp(moment: datetime, vendor: str) -> str:
    del vendor  # part of the key
    return str(connection.ops.adapt_datetimefield_value(moment))


def store(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model, as `bulk_create` would, at a fraction of its cost.

    Keys that the database makes stay unknown to the objects. No field may compute its value
    when it is saved (auto_now): what is on the object is what is written.
    """
    if not objects:
        return
    model = type(objects[0])
    columns = _columns(model, connection.vendor)
    rows = _adapted(objects, columns)
    insert(model=model, fields=[column for _, column, _ in columns], rows=rows)


def add(
    objects: Sequence[models.Model], *, counter: str, key: Sequence[str], where: str = ""
) -> None:
    """Insert new objects of one model, or add their counter to the row that has the same key.

    `key` are the columns of a unique constraint, `where` its condition. Objects differ in their
    keys, and come in the same order from every process, which so cannot deadlock.
    """
    if not objects:
        return
    model = type(objects[0])
    columns = _columns(model, connection.vendor)
    quote = connection.ops.quote_name
    table, number = quote(model._meta.db_table), quote(counter)  # noqa: SLF001 - Django's documented API
    into = f"{table} ({', '.join(quote(column) for _, column, _ in columns)})"
    unique = f"({', '.join(map(quote, key))})" + (f" WHERE {where}" if where else "")
    tail = f" ON CONFLICT {unique} DO UPDATE SET {number} = {table}.{number} + excluded.{number}"
    _insert(into, _adapted(objects, columns), tail)


def new(
    model: type[AnyModel], values: Mapping[str, Value], related: Mapping[str, models.Model | None]
) -> AnyModel:
    """Return a new object, as the model's own constructor would, in a tenth of the time.

    `values` by attribute (`tenant_id`), `related` by field (`tenant`), whose ids must be among
    the values. Fields left out take their defaults.
    """
    made = model.__new__(model)
    state = made._state = ModelState()  # noqa: SLF001 - where Django keeps what is related
    state.fields_cache = dict(related)
    attributes = made.__dict__
    for name, default in _defaults(model):
        attributes[name] = values[name] if name in values else default()
    return made


@cache
def _defaults(model: type[models.Model]) -> list[tuple[str, Callable[[], Value]]]:
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]  # noqa: SLF001 - Django's documented API


def _insert(into: str, rows: Sequence[Sequence[Value]], tail: str) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            marks = "({})".format(", ".join(["%s"] * len(chunk[0])))
            statement = f"INSERT INTO {into} VALUES {', '.join([marks] * len(chunk))}{tail}"  # noqa: S608 - names
            cursor.execute(statement, list(chain.from_iterable(chunk)))


def _copy(into: str, rows: Sequence[Sequence[Value]]) -> None:
    """Write rows by COPY: the server reads values where it would parse a statement of thousands.

    Constraints and triggers hold as for INSERT; a batch goes in whole or not at all.
    """
    lines = io.StringIO("".join(_lines(rows)))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {into} FROM STDIN", lines)


def _lines(rows: Sequence[Sequence[Value]]) -> Iterator[str]:
    for row in rows:
        yield "\t".join(map(_copied, row)) + "\n"


def _copied(value: Value) -> str:
    """Return a value in the text form of COPY (PostgreSQL, COPY, "Text Format")."""
    if isinstance(value, str):
        if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
            return value.translate(_ESCAPES)
        return value
    if value is None:
        return r"\N"
    # Bytes are wrapped for the statement; \x is escaped as every backslash is.
    adapted = getattr(value, "adapted", None)
    return str(value) if adapted is None else rf"\\x{bytes(adapted).hex()}"


_Adapter = Callable[[Any], Value] | None
_Columns = list[tuple[str, str, _Adapter]]


def _adapted(objects: Sequence[models.Model], columns: _Columns) -> list[list[Value]]:
    return [
        [adapt(getattr(one, name)) if adapt else getattr(one, name) for name, _, adapt in columns]
        for one in objects
    ]


@cache
def _columns(model: type[models.Model], vendor: str) -> _Columns:
    """Return attribute, column and adapter of each field that an INSERT names."""
    del vendor  # the adapters differ by it, so it is part of the key
    return [
        (field.attname, str(field.column), _adapter(field))
        for field in model._meta.concrete_fields  # noqa: SLF001 - Django's documented API
        if not isinstance(field, models.AutoField)
    ]


def _adapter(field: Any) -> _Adapter:
    while field.is_relation:
        field = field.target_field
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        vendor = connection.vendor  # asked for each value, it would cost more than the rest
        return lambda value: None if value is None else _timestamp(value, vendor)
    if kind == "UUIDField":
        native = connection.features.has_native_uuid_field
        return lambda value: None if value is None else str(value) if native else value.hex
    if kind == "JSONField":
        return json.dumps
    if kind == "BinaryField":
        binary = connection.Database.Binary  # type: ignore[attr-defined] # each backend has it
        return lambda value: None if value is None else binary(value)
    return None
