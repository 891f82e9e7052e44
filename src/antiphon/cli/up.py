"""`antiphon up`: the whole program on one machine."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_address, add_place, place

MOST_SENDERS = 8


def register(subparsers: Any) -> None:
    """The data folder and the address."""
    parser = subparsers.add_parser("up", help="run all of it on this machine until stopped")
    add_place(parser)
    add_address(parser)
    parser.add_argument(
        "--senders", type=int, choices=range(1, MOST_SENDERS + 1), default=1, metavar="N",
        help=f"processes that send, 1 to {MOST_SENDERS} (default: 1); more of them for mailings to very many",
    )  # fmt: skip


def run(args: Namespace) -> int:
    """Run until SIGTERM or SIGINT, then let every process finish what it does."""
    from antiphon.wiring import parent

    return parent.run(place(args), senders=args.senders)
