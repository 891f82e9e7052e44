"""`antiphon migrate`: make the database what this version of the program needs."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, place


def register(subparsers: Any) -> None:
    """The data folder and the database."""
    parser = subparsers.add_parser("migrate", help="bring the database up to date")
    add_place(parser)


def run(args: Namespace) -> int:
    """Migrate, and say what was done."""
    from antiphon.wiring import database, processes

    config = place(args)
    processes.prepare(config)
    done = database.bring_up_to_date(config)
    print(f"The database is up to date: {done} migrations were applied." if done else "The database was up to date.")
    return 0
