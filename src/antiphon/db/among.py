"""“Is it one of these thousands?” as one parameter, which costs a tenth of a parameter for each of them."""

# ruff: noqa: S608 -- the statement is made of our own column's name

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db.models import F, Lookup

if TYPE_CHECKING:
    _Lookup = Lookup[bool]
else:
    _Lookup = Lookup


class Among(_Lookup):
    """SQLite reads a JSON array, PostgreSQL an array."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """For SQLite."""
        left, values = self.process_lhs(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*values, json.dumps(self.rhs)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """For PostgreSQL."""
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*values, self.rhs]


def among(field: str, values: Collection[int] | Collection[str]) -> Among:
    """A condition for `filter`: the field has one of the values."""
    return Among(F(field), list(values))
