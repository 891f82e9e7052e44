"""`antiphon web`: one web process, for several machines on one PostgreSQL."""

import sys
from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_address, add_place, place


def register(subparsers: Any) -> None:
    """The data folder, the database and the address."""
    parser = subparsers.add_parser("web", help="run a web process alone, beside others on one PostgreSQL")
    add_place(parser)
    add_address(parser)


def run(args: Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Where the public page was served before, a database that is away keeps nobody
    from reading it: alerts wait in the spool meanwhile (RELIABILITY I3, I30)."""
    from antiphon.wiring import database, processes
    from antiphon.wiring.lifeline import Lifeline

    config, lifeline = place(args), Lifeline.from_environment()
    processes.prepare(config)
    if not lifeline.attended:  # a parent looks itself
        try:
            database.require_current(config)
        except database.Away as away:
            if not config.public_folder.exists():
                raise
            print(f"{away} Until then the public page stands as it was.", file=sys.stderr, flush=True)
    from antiphon.wiring.web import serve  # tables: only once Django is set up

    lifeline.wait()
    return serve(config, lifeline)
