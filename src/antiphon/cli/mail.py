"""`antiphon mail receive`: one mail that came in, from a mail server's pipe; `antiphon mail held`: what waits."""

import json
import sys
from argparse import Namespace
from typing import Any, Final

from antiphon.cli.options import add_place, to_read

TRY_AGAIN: Final = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again, rather than sending it back."""


def register(subparsers: Any) -> None:
    """The mail is standard input."""
    parser = subparsers.add_parser("mail", help="take in mail that comes back; let go what is held")
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
    verb = verbs.add_parser(
        "held",
        help="show messages to readers outside from before a standstill or a restore, and let them go or drop them",
        description="Prints one JSON object: how many, by incident, and since when the oldest waits.",
    )
    choice = verb.add_mutually_exclusive_group()
    choice.add_argument("--release", action="store_true", help="send them after all")
    choice.add_argument("--drop", action="store_true", help="never send them")
    add_place(verb)


def run(args: Namespace) -> int:
    """Do what the verb says."""
    return _held(args) if args.verb == "held" else _take_in(args)


def _held(args: Namespace) -> int:
    to_read(args)

    from django.db.models import Count, Min

    from antiphon import clock
    from antiphon.actions import held

    rows = held.held().values("text__incident__number").annotate(count=Count("id"), oldest=Min("created_at"))
    found = [
        {"incident": each["text__incident__number"], "count": each["count"], "oldest": each["oldest"].isoformat()}
        for each in rows.order_by("text__incident__number")
    ]
    now = clock.now()
    done = "released" if args.release else "dropped" if args.drop else "held"
    count = held.release(now=now) if args.release else held.drop(now=now) if args.drop else None
    print(json.dumps({done: sum(each["count"] for each in found) if count is None else count, "of": found}))
    return 0


def _take_in(args: Namespace) -> int:
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
