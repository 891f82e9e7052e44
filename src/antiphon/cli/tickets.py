"""`antiphon tickets import`: what customers wrote to the support desk, to see how they speak."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from antiphon.cli.options import add_place, to_write
from antiphon.config import ConfigError

if TYPE_CHECKING:
    from antiphon.actions.tickets import Taken

LARGEST: Final = 200_000_000
"""Bytes of one file."""
SHOWN: Final = 20
LISTED: Final = 1_000
"""Faults in the summary."""


def register(subparsers: Any) -> None:
    """The file, where it is from, and whether only to try."""
    parser = subparsers.add_parser("tickets", help="import tickets, to suggest who reads which version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("import", help="read a help desk's export; its words suggest segments, and are not kept")
    verb.add_argument("file", metavar="FILE", help="CSV, JSON or JSON lines; “-” reads standard input")
    verb.add_argument("--as", dest="kind", choices=("csv", "json", "jsonl"), help="the form, if not by the file's name")
    verb.add_argument("--origin", default="tickets", help="where they are from; number and origin make a ticket one")
    verb.add_argument("--diff", action="store_true", help="say what would come of it, and change nothing")
    add_place(verb)


def run(args: Namespace) -> int:
    """Import; the last line is a summary in JSON. 1 when rows were left out, 2 when the file cannot be used."""
    origin = " ".join(args.origin.split())
    if not 0 < len(origin) <= 60 or not origin.isprintable():
        raise ConfigError("--origin is a short name such as zendesk, of at most 60 characters.")
    data = _read(args.file)
    to_write(args)

    from antiphon import clock
    from antiphon.actions import tickets
    from antiphon.actions.tickets import files

    kind = args.kind or files.kind_of(args.file, data)
    try:
        found = files.rows(data, kind=kind)
        taken = tickets.take_all(found, origin=origin, now=clock.now(), trial=args.diff)
    except files.Unreadable as error:
        raise ConfigError(f"{args.file} cannot be imported: {error}") from None
    _say(args.file, taken, trial=args.diff)
    print(json.dumps({"file": args.file, "kind": kind, "origin": origin, "diff": args.diff, **_summary(taken)}))
    return 1 if taken.faults else 0


def _read(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ConfigError(f"{name} is larger than {LARGEST // 1_000_000} MB: export a shorter time.")
    return data


def _say(name: str, taken: "Taken", *, trial: bool) -> None:
    faults = sorted(taken.faults, key=lambda fault: fault.line)
    for fault in faults[:SHOWN]:
        print(f"{name}, line {fault.line}: {fault.what} {fault.fix}", file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"… and {len(faults) - SHOWN} more rows were left out; the summary lists them.", file=sys.stderr)
    verb = "would be" if trial else "were"
    print(f"{taken.new} new tickets {verb} read, {taken.changed} anew; {taken.unchanged} were known as they are.")
    print(f"{len(taken.suggested)} contacts have a suggestion to confirm under Customers.")


def _summary(taken: "Taken") -> dict[str, Any]:
    faults = sorted(taken.faults, key=lambda fault: fault.line)
    return {
        "new": taken.new,
        "changed": taken.changed,
        "unchanged": taken.unchanged,
        "old": taken.old,
        "without_contact": taken.without_contact,
        "suggested": len(taken.suggested),
        "left_out": len(faults),
        "errors": [{"line": each.line, "what": each.what, "fix": each.fix} for each in faults[:LISTED]],
    }
