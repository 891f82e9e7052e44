"""`antiphon person`: people who may sign in."""

from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, answer, operator, table, to_read, to_write
from antiphon.core.access import ROLES


def register(subparsers: Any) -> None:
    """Add, list, and make a sign-in link."""
    parser = subparsers.add_parser("person", help="people who may sign in")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    adding = verbs.add_parser("add", help="add a person and print a one-time sign-in link as the last line")
    adding.add_argument("--email", required=True)
    adding.add_argument("--name", required=True)
    adding.add_argument("--role", required=True, choices=ROLES)
    adding.add_argument("--zone", default="", help="time zone, for example Europe/Berlin")
    linking = verbs.add_parser("link", help="print a one-time sign-in link as the last line")
    linking.add_argument("email")
    listing = verbs.add_parser("list", help="show everybody")
    for one in (adding, linking, listing):
        add_place(one)


def run(args: Namespace) -> int:
    """Do what the verb says."""
    return {"add": _add, "link": _link, "list": _list}[args.verb](args)


def _add(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import people

    answer(
        people.create(
            email=args.email, name=args.name, role=args.role, zone=args.zone, actor=operator(), now=clock.now()
        )
    )
    print(f"{args.name} was added as {args.role}.")
    return _link(args)


def _link(args: Namespace) -> int:
    to_write(args)
    from antiphon import clock
    from antiphon.actions import people
    from antiphon.db import addresses
    from antiphon.wiring import first

    token = answer(people.sign_in_link(email=args.email, actor=operator(), now=clock.now()))
    print(f"This link signs {args.email} in once, within a day:\n{first.link(addresses.base_url(), token)}")
    return 0


def _list(args: Namespace) -> int:
    to_read(args)
    from antiphon.db.models import Person

    rows = [
        (row.name, row.email, row.role, "" if row.is_active else "may not sign in")
        for row in Person.objects.order_by("name")
    ]
    print(table([("NAME", "E-MAIL", "ROLE", ""), *rows]))
    return 0
