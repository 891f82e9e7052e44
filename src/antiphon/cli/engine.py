"""`antiphon engine`: one engine process, for several machines on one PostgreSQL."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, place


def register(subparsers: Any) -> None:
    """The data folder, the database, and whether it sends."""
    parser = subparsers.add_parser("engine", help="run an engine process alone, beside others on one PostgreSQL")
    add_place(parser)
    parser.add_argument("--no-sending", action="store_true", help="leave the sending to `antiphon sender` processes")


def run(args: Namespace) -> int:
    """Work until SIGTERM or SIGINT."""
    from antiphon.wiring import processes

    config = place(args)
    lifeline = processes.begin(config)
    from antiphon.wiring.engine import work  # tables: only once Django is set up

    lifeline.wait()
    return work(config, lifeline, sends=not args.no_sending)
