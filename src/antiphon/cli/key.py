"""`antiphon key`: what lets senders of alerts in, and mail that comes back."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, answer, operator, table, to_read, to_write

KINDS = ("alertmanager", "pagerduty", "mail")


def register(subparsers: Any) -> None:
    """Add, list and revoke."""
    parser = subparsers.add_parser("key", help="keys that let senders of alerts in")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    adding = verbs.add_parser("add", help="make a key and print its base path, /in/<key>, as the last line")
    adding.add_argument("name", help="what sends, for example prometheus-eu")
    adding.add_argument("--kind", required=True, choices=KINDS, help="the format it speaks; mail: bounces and replies")
    listing = verbs.add_parser("list", help="show all keys; they themselves are not kept, only their last letters")
    revoking = verbs.add_parser("revoke", help="make a key open nothing any more")
    revoking.add_argument("name")
    for one in (adding, listing, revoking):
        add_place(one)


def run(args: Namespace) -> int:
    """Do what the verb says."""
    return {"add": _add, "list": _list, "revoke": _revoke}[args.verb](args)


def _add(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import keys

    key = answer(keys.add(name=args.name, kind=args.kind, actor=operator(), now=clock.now()))
    print(f"Key for {args.name} ({args.kind}). It is shown this once; send to this path:\n/in/{key}")
    return 0


def _list(args: Namespace) -> int:
    to_read(args)
    from antiphon.db.models import Integration

    rows = [
        (row.name, row.kind, f"…{row.key_hint}", "in use" if row.enabled else "revoked", f"{row.created_at:%Y-%m-%d}")
        for row in Integration.objects.order_by("name")
    ]
    print(table([("NAME", "KIND", "KEY", "STATE", "SINCE"), *rows]))
    return 0


def _revoke(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import keys

    answer(keys.revoke(name=args.name, actor=operator(), now=clock.now()))
    print(f"The key of {args.name} opens nothing any more.")
    return 0
