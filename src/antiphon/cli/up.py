"""`antiphon up`: the whole program on one machine."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_address, add_place, place


def register(subparsers: Any) -> None:
    """The data folder and the address."""
    parser = subparsers.add_parser("up", help="run all of it on this machine until stopped")
    add_place(parser)
    add_address(parser)


def run(args: Namespace) -> int:
    """Run until SIGTERM or SIGINT, then let every process finish what it does."""
    from antiphon.wiring import parent

    return parent.run(place(args))
