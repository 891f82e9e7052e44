"""`antiphon web`: one web process, for several machines on one PostgreSQL."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_address, add_place, place


def register(subparsers: Any) -> None:
    """The data folder, the database and the address."""
    parser = subparsers.add_parser("web", help="run a web process alone, beside others on one PostgreSQL")
    add_place(parser)
    add_address(parser)


def run(args: Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    from antiphon.wiring import database, processes
    from antiphon.wiring.lifeline import Lifeline

    config, lifeline = place(args), Lifeline.from_environment()
    processes.prepare(config)
    if not lifeline.attended:  # a parent has looked already
        database.require_current(config)
    from antiphon.wiring.web import serve  # tables: only once Django is set up

    return serve(config, lifeline)
