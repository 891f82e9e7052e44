"""The one way to open a write transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from antiphon.db import gate, hints

GATE_NAME = "write.lock"


@contextmanager
def write() -> Iterator[None]:
    """A durable transaction, entered through the gate that writers on SQLite share.

    An action or a duty's step opens exactly one; inside it there is no network and no second one.
    After the commit the engine is given the hint to look.
    """
    with gate.hold(gate_path()), transaction.atomic(durable=True):
        yield
    hints.sender.send()


def gate_path() -> Path | None:
    """Where this database's gate lies; None on PostgreSQL, which orders its writers itself."""
    if connection.vendor != "sqlite":
        return None
    return Path(connection.settings_dict["NAME"]).parent / GATE_NAME
