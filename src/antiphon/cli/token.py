"""`antiphon token`: what lets programs use the API."""

from argparse import ArgumentTypeError, Namespace
from datetime import timedelta
from typing import Any

from antiphon.cli.options import add_place, answer, operator, table, to_read, to_write
from antiphon.core.access import ROLES

LONGEST_DAYS = 3650


def register(subparsers: Any) -> None:
    """Add, list and revoke."""
    parser = subparsers.add_parser("token", help="tokens that let programs use the API")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    adding = verbs.add_parser("add", help="make a token and print it as the last line")
    adding.add_argument("name", help="what will use it")
    adding.add_argument("--role", required=True, choices=ROLES)
    adding.add_argument("--expires", type=_days, metavar="DAYS", help="days until it stops working (default: never)")
    listing = verbs.add_parser("list", help="show all tokens; they themselves are not kept")
    revoking = verbs.add_parser("revoke", help="make a token open nothing any more")
    revoking.add_argument("name", help="its name or id")
    for one in (adding, listing, revoking):
        add_place(one)


def run(args: Namespace) -> int:
    """Do what the verb says."""
    return {"add": _add, "list": _list, "revoke": _revoke}[args.verb](args)


def _add(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import tokens

    lasts = None if args.expires is None else timedelta(days=args.expires)
    token = answer(tokens.add(name=args.name, role=args.role, lasts=lasts, actor=operator(), now=clock.now()))
    print(f"Token for {args.name} ({args.role}). It is shown this once:\n{token}")
    return 0


def _list(args: Namespace) -> int:
    to_read(args)
    from antiphon import clock
    from antiphon.db.models import ApiToken

    now = clock.now()
    rows = [
        (row.uid, row.name, row.role, f"{row.created_at:%Y-%m-%d}", _state(row, now))
        for row in ApiToken.objects.order_by("name", "id")
    ]
    print(table([("ID", "NAME", "ROLE", "SINCE", "STATE"), *rows]))
    return 0


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_DAYS:
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to {LONGEST_DAYS}")
    return int(text)


def _state(row: Any, now: Any) -> str:
    if row.revoked_at:
        return "revoked"
    if row.expires_at is None:
        return "in use"
    return f"in use until {row.expires_at:%Y-%m-%d}" if row.expires_at > now else "expired"


def _revoke(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import tokens

    answer(tokens.revoke(name=args.name, actor=operator(), now=clock.now()))
    print(f"The token {args.name} opens nothing any more.")
    return 0
