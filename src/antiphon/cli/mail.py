"""`antiphon mail receive`: one mail that came in, from a mail server's pipe."""

import sys
from argparse import Namespace
from typing import Any, Final

from antiphon.cli.options import add_place, to_read

TRY_AGAIN: Final = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again, rather than sending it back."""


def register(subparsers: Any) -> None:
    """The mail is standard input."""
    parser = subparsers.add_parser("mail", help="take in mail that comes back: bounces, complaints, replies")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser(
        "receive",
        help="read one mail from standard input, as a mail server's pipe hands it over",
        description="Says nothing and ends with 0 once the mail is kept, whatever it is; ends with 75 when it could "
        "not be kept, so that the mail server tries again.",
    )
    verb.add_argument("--to", default="", metavar="ADDRESS", help="the address that it came in for")
    verb.add_argument("--say", action="store_true", help="say what became of it")
    add_place(verb)


def run(args: Namespace) -> int:
    """Take it in; whatever goes wrong is worth another try."""
    try:
        says = _receive(args)
    except Exception as error:  # noqa: BLE001 -- by any other code the mail server would send the mail back
        print(f"antiphon mail: not kept, to be tried again: {' '.join(str(error).split())}", file=sys.stderr)
        return TRY_AGAIN
    if args.say:
        print(says)
    return 0


def _receive(args: Namespace) -> str:
    to_read(args)

    from antiphon import clock
    from antiphon.actions.reactions.receiving import LARGEST, receive

    taken = receive(sys.stdin.buffer.read(LARGEST + 1), to=args.to[:320], now=clock.now())
    return f"{taken.kind}: {taken.says}"
