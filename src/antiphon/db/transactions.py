"""The one way to open a write transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from antiphon.db import gate, hints

GATE_NAME = "write.lock"
T = TypeVar("T")
_memory: ContextVar[dict[str, Any] | None] = ContextVar("memory", default=None)


@contextmanager
def write(*, news: bool = True) -> Iterator[None]:
    """A durable transaction, entered through the gate that writers on SQLite share.

    An action or a duty's step opens exactly one; inside it there is no network and no second one.
    After the commit the engine is given the hint to look, unless it brings no `news` to anybody.
    """
    token = _memory.set({})
    try:
        with gate.hold(gate_path()), transaction.atomic(durable=True):
            yield
            for act in _last_acts():
                act()
    finally:
        _memory.reset(token)
    if news:
        hints.sender.send()


def remembered(key: str, ask: Callable[[], T]) -> T:
    """What `ask` answers, asked once in a write transaction and kept until it ends; outside of one, asked each time.

    For what many rules look at in one step: the settings, a revision, the incident under its lock. Whoever changes it
    in the same transaction says so, with `remember` or `forget`.
    """
    memory = _memory.get()
    if memory is None:
        return ask()
    if key not in memory:
        memory[key] = ask()
    known: T = memory[key]
    return known


def at_the_end(act: Callable[[], None]) -> None:
    """Do it just before the transaction commits, once for all that was gathered; outside of one, at once."""
    if _memory.get() is None:
        act()
    else:
        _last_acts().append(act)


def _last_acts() -> list[Callable[[], None]]:
    return remembered("at the end", list)


def remember(key: str, value: object) -> None:
    """The answer from now on, until the transaction ends."""
    memory = _memory.get()
    if memory is not None:
        memory[key] = value


def forget(key: str) -> None:
    """Ask again: it was changed."""
    memory = _memory.get()
    if memory is not None:
        memory.pop(key, None)


def gate_path() -> Path | None:
    """Where this database's gate lies; None on PostgreSQL, which orders its writers itself."""
    if connection.vendor != "sqlite":
        return None
    return Path(connection.settings_dict["NAME"]).parent / GATE_NAME
