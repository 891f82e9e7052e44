"""The words that several commands share, and what they come to: a set-up, an open database, a print."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TypeVar

from antiphon import config
from antiphon.config import Config, ConfigError
from antiphon.core.decision import Actor, Refusal

T = TypeVar("T")


def add_place(parser: ArgumentParser) -> None:
    """`--data` and `--database-url`: which installation is meant."""
    parser.add_argument("--data", metavar="DIR", help="the data folder (ANTIPHON_DATA; default: ./data)")
    parser.add_argument(
        "--database-url", metavar="URL", help="postgresql://… (ANTIPHON_DATABASE_URL; default: SQLite in the folder)"
    )


def add_address(parser: ArgumentParser) -> None:
    """`--host` and `--port`: where the web process listens."""
    parser.add_argument("--host", help="address to listen on (ANTIPHON_HOST; default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, help="port to listen on, 0: any free one (ANTIPHON_PORT; default: 8047)")


def place(args: Namespace) -> Config:
    """The environment's set-up, with what the words say instead. Raises ConfigError."""
    said = {
        "ANTIPHON_DATA": args.data,
        "ANTIPHON_DATABASE_URL": args.database_url,
        "ANTIPHON_HOST": getattr(args, "host", None),
        "ANTIPHON_PORT": getattr(args, "port", None),
    }
    return config.from_environment(
        {**os.environ, **{name: str(value) for name, value in said.items() if value is not None}}
    )


def to_write(args: Namespace) -> Config:
    """The installation, ready to be written to: a new or older database is brought up to date."""
    from antiphon.wiring import database, processes

    chosen = place(args)
    processes.prepare(chosen)
    database.bring_up_to_date(chosen)
    return chosen


def to_try(args: Namespace, until_the_end: ExitStack) -> Config:
    """The installation for a trial run, which takes back what it does; one that is not there yet is played on an empty
    one, which is gone `until_the_end`."""
    chosen = place(args)
    if chosen.is_postgresql or chosen.database_path.exists():
        return to_read(args)
    args.data = until_the_end.enter_context(TemporaryDirectory(prefix="antiphon-diff-"))
    return to_write(args)


def to_read(args: Namespace) -> Config:
    """The installation, which must be there and up to date."""
    from antiphon.wiring import database, processes

    chosen = place(args)
    if not chosen.is_postgresql and not chosen.database_path.exists():
        raise ConfigError(
            f"There is no Antiphon in {chosen.data}: name its folder with --data, or start it there first."
        )
    processes.prepare(chosen)
    database.require_current(chosen)
    return chosen


def answer(given: T | Refusal) -> T:
    """What an action gave; its refusal goes to the person at the terminal as it is."""
    if isinstance(given, Refusal):
        raise ConfigError(given.sentence)
    return given


def operator() -> Actor:
    """Whoever may run commands on the server may do everything; the record says it came from here."""
    return Actor(kind="system", uid="command-line", role="system")


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as aligned columns, the first row being the heads."""
    listed = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in listed) for column in range(len(listed[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in listed]
    return "\n".join(line.rstrip() for line in lines)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)
