"""`antiphon engine`: one engine process, for several machines on one PostgreSQL."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, place


def register(subparsers: Any) -> None:
    """The data folder and the database."""
    parser = subparsers.add_parser("engine", help="run an engine process alone, beside others on one PostgreSQL")
    add_place(parser)


def run(args: Namespace) -> int:
    """Work until SIGTERM or SIGINT."""
    from antiphon.wiring import database, processes
    from antiphon.wiring.lifeline import Lifeline

    config, lifeline = place(args), Lifeline.from_environment()
    processes.prepare(config)
    if not lifeline.attended:  # a parent looks itself
        database.require_current(config)
    from antiphon.wiring.engine import work  # tables: only once Django is set up

    lifeline.wait()
    return work(config, lifeline)
