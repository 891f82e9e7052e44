"""Many rows in one statement, without what the ORM does for each value: a storm writes twenty rows for an incident.

The rows are ordinary model instances whose foreign keys are saved already; no default of the database, no signal and
no `auto_now` is looked at, since we have none. The same SQL on both databases.
"""

# ruff: noqa: S608 -- statements are built from our own models, never from what anybody sent

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from antiphon.db.fields import InstantField

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")
PARAMETERS = 30_000
"""Values in one statement; SQLite takes 32,766."""
_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)
"""Fields whose values both databases take as Python has them."""


def new(model: type[M], **values: Any) -> M:
    """A row not written yet, as the model's constructor makes it, in a tenth of its time. Keys are given by their
    columns (`incident_id`)."""
    table, row = _table(model), model.__new__(model)
    held = row.__dict__
    held |= table.constants
    held |= {name: make() for name, make in table.made if name not in values}
    held |= values
    if len(held) != len(table.makers):
        raise TypeError(f"{model.__name__} has no {', '.join(held.keys() - dict(table.makers).keys())}.")
    row._state = ModelState()
    return row


def write(rows: Iterable[M], *, unique: Sequence[str] = (), update: Sequence[str] = ()) -> list[M]:
    """Write rows; those without an id are given theirs. Either all of them have one or none.

    With `unique`, the fields of a unique constraint: of a row that is there already the fields `update` are set.
    """
    made = list(rows)
    if not made:
        return made
    for some in _chunks(made, len(made[0]._meta.concrete_fields)):
        table, keyed = _table(type(some[0])), some[0].pk is not None
        words = [table.insert(len(some), keyed=keyed)]
        if unique:
            moves = (f"{table.columns[name]} = excluded.{table.columns[name]}" for name in update)
            target = ", ".join(table.columns[name] for name in unique)
            words.append(f"ON CONFLICT ({target}) DO UPDATE SET {', '.join(moves)}")
        if not keyed:
            words.append(f"RETURNING {table.key}")
        with connection.cursor() as cursor:
            cursor.execute(" ".join(words), table.values(some, keyed=keyed))
            for row, (key,) in zip(some, [] if keyed else cursor.fetchall(), strict=not keyed):
                row.pk = key
                row._state.adding, row._state.db = False, connection.alias
    return made


def write_new(rows: Sequence[models.Model], *, unique: Sequence[str], where: str = "") -> None:
    """Write rows without an id; one that is there already, by the fields of a unique constraint, stays as it is.

    `where`: the condition of a constraint that holds for some rows only, in SQL.
    """
    for some in _chunks(rows, len(rows[0]._meta.concrete_fields)) if rows else ():
        table = _table(type(some[0]))
        target, only = ", ".join(table.columns[name] for name in unique), f"WHERE {where} " if where else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"{table.insert(len(some), keyed=False)} ON CONFLICT ({target}) {only}DO NOTHING",
                table.values(some, keyed=False),
            )


def move(model: type[models.Model], fields: Sequence[str], values: Mapping[int, Sequence[int | None]]) -> None:
    """Set whole numbers, or null, on rows that are there: their ids, each with a value for each of the fields."""
    table, names = _table(model), ", ".join(f"v{place}" for place in range(len(fields)))
    moves = ", ".join(f"{table.columns[name]} = CAST(v{place} AS bigint)" for place, name in enumerate(fields))
    one = f"({', '.join(['%s'] * (len(fields) + 1))})"
    for some in _chunks([(key, *each) for key, each in values.items()], len(fields) + 1):
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH given(id, {names}) AS (VALUES {', '.join([one] * len(some))})"
                f" UPDATE {table.name} SET {moves} FROM given WHERE {table.name}.{table.key} = given.id",
                [value for row in some for value in row],
            )


@dataclass(frozen=True, slots=True)
class _Table:
    """A model's table: its columns with the key first, and what each value is made of before it is written."""

    name: str
    key: str
    columns: dict[str, str]
    makers: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    constants: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    """What a column has that is not given: the same for each row, or made for it."""

    def insert(self, count: int, *, keyed: bool) -> str:
        columns = list(dict.fromkeys(self.columns.values()))[0 if keyed else 1 :]
        one = f"({', '.join(['%s'] * len(columns))})"
        return f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES {', '.join([one] * count)}"

    def values(self, rows: Sequence[models.Model], *, keyed: bool) -> list[Any]:
        makers = self.makers[0 if keyed else 1 :]
        return [
            held[name] if maker is None else maker(held[name]) for held in map(vars, rows) for name, maker in makers
        ]


@cache
def _table(model: type[models.Model]) -> _Table:
    quote = connection.ops.quote_name
    fields = sorted(model._meta.concrete_fields, key=lambda field: not field.primary_key)
    made = [field for field in fields if field.has_default() and callable(field.default)]
    return _Table(
        name=quote(model._meta.db_table),
        key=quote(fields[0].column),
        columns={name: quote(field.column) for field in fields for name in (field.name, field.attname)},
        makers=tuple((field.attname, _maker(field)) for field in fields),
        constants={field.attname: field.get_default() for field in fields if field not in made},
        made=tuple((field.attname, field.get_default) for field in made),
    )


def _maker(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, InstantField):
        return field.get_prep_value
    if isinstance(field, _AS_THEY_ARE):
        return None
    if isinstance(field, models.JSONField) and connection.vendor == "sqlite":
        return lambda value: None if value is None else json.dumps(value)
    return lambda value: field.get_db_prep_save(value, connection)


def _chunks(rows: Sequence[T], width: int) -> Iterable[Sequence[T]]:
    size = max(PARAMETERS // width, 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
