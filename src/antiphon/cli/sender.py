"""`antiphon sender`: one process that sends and does nothing else."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, place


def register(subparsers: Any) -> None:
    """The data folder and the database."""
    parser = subparsers.add_parser("sender", help="run a sending process alone, for engines with --no-sending")
    add_place(parser)


def run(args: Namespace) -> int:
    """Work until SIGTERM or SIGINT."""
    from antiphon.wiring import processes

    config = place(args)
    lifeline = processes.begin(config)
    from antiphon.wiring.sending import work  # tables: only once Django is set up

    lifeline.wait()
    return work(config, lifeline)
