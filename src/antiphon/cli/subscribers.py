"""`antiphon subscribers import`: a list of subscribers from elsewhere into a status page."""

import csv
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from antiphon.cli.options import add_place, answer, operator, to_write
from antiphon.config import ConfigError

if TYPE_CHECKING:
    from antiphon.actions.subscribers.importing import Imported
    from antiphon.actions.subscribers.table import Fault

LARGEST: Final = 100_000_000
"""Bytes of one file."""
SHOWN: Final = 20
LISTED: Final = 1_000
"""Faults in the summary; `--rejects` writes all."""
ORIGIN: Final = "import"


def register(subparsers: Any) -> None:
    """The file, the page, and whether its people have agreed already."""
    parser = subparsers.add_parser("subscribers", help="import subscribers of a status page")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser(
        "import",
        help="read a CSV with email, phone or url, way, components, impact, language; “-” reads standard input",
        description="Bad rows are told with their line and how to mend them, and the rest is imported. Who ended or "
        "erased a subscription here stays out. The last line of the output is a JSON summary. Ends with 0 when the "
        "file could be read, with 2 when not.",
    )
    verb.add_argument("file", metavar="FILE")
    verb.add_argument("--page", required=True, metavar="P", help="the address of the status page, such as “status”")
    verb.add_argument(
        "--confirmed", action="store_true", help="they agreed elsewhere; without it each is asked by one message first"
    )
    verb.add_argument("--rejects", metavar="FILE", help="write bad rows here as CSV, each with what is wrong")
    add_place(verb)


def run(args: Namespace) -> int:
    """Import; the last line is a summary in JSON."""
    data = _read(args.file)
    to_write(args)

    from antiphon import clock
    from antiphon.actions.subscribers.importing import import_all
    from antiphon.actions.subscribers.table import Unreadable

    known = {"page": args.page, "confirmed": args.confirmed, "origin": ORIGIN}
    try:
        done = answer(import_all(data, **known, actor=operator(), now=clock.now()))
    except Unreadable as error:
        raise ConfigError(f"{args.file} cannot be imported: {error}") from None
    done.faults.sort(key=lambda fault: fault.line)
    if args.rejects:
        _write(Path(args.rejects), done.faults)
    _say(args.file, done)
    print(json.dumps({"file": args.file, "page": args.page, **_summary(done)}, ensure_ascii=False))
    return 0


def _read(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ConfigError(f"{name} is larger than {LARGEST // 1_000_000} MB: split it and import the parts.")
    return data


def _write(path: Path, faults: "Sequence[Fault]") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "what", "fix", "row"])
        writer.writerows([fault.line, *map(_defused, (fault.what, fault.fix, *fault.cells))] for fault in faults)


def _defused(cell: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _say(name: str, done: "Imported") -> None:
    for fault in done.faults[:SHOWN]:
        print(f"{name}, line {fault.line}: {fault.what} {fault.fix}", file=sys.stderr)
    if len(done.faults) > SHOWN:
        print(f"… and {len(done.faults) - SHOWN} more rows were left out.", file=sys.stderr)
    print(f"{done.added} are told from now on, {done.asked} were asked; {done.known} were here already.")
    print(f"{done.ended + done.suppressed} had ended or erased a subscription here, and stay out.")


def _summary(done: "Imported") -> dict[str, Any]:
    return {
        "added": done.added,
        "asked": done.asked,
        "known": done.known,
        "ended": done.ended,
        "suppressed": done.suppressed,
        "repeated": done.repeated,
        "left_out": len(done.faults),
        "errors": [{"line": each.line, "what": each.what, "fix": each.fix} for each in done.faults[:LISTED]],
    }
