"""`antiphon catalog import`: entities, customers and contracts from files of other systems and from tables."""

import json
import sys
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.cli.options import add_place, answer, operator, to_try, to_write

if TYPE_CHECKING:
    from antiphon.actions.catalog.importing import File, Imported

KINDS = ("antiphon", "backstage", "opslevel", "customers")
NOTHING_READ = 2
LARGEST = 50_000_000
"""Bytes of one file."""


def register(subparsers: Any) -> None:
    """The one verb there is."""
    parser = subparsers.add_parser("catalog", help="fill the catalog from files of other systems")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    importing = verbs.add_parser(
        "import",
        help="import files: our own YAML, Backstage, OpsLevel, a table of customers; “-” reads standard input",
        description="What is wrong with a row is told with its line, and the rest is imported. The last line of the "
        "output is a JSON summary. Ends with 0 when a file could be read, with 2 when none could.",
    )
    importing.add_argument("files", nargs="+", metavar="FILE")
    importing.add_argument("--diff", action="store_true", help="print what would change, and change nothing")
    importing.add_argument(
        "--as", dest="kind", choices=KINDS, default="", help="what the files are, instead of what stands in them"
    )
    add_place(importing)


def run(args: Namespace) -> int:
    """Import the files, or show what that would do."""
    with ExitStack() as until_the_end:
        if args.diff:
            to_try(args, until_the_end)
        else:
            to_write(args)
        return _import(args)


def _import(args: Namespace) -> int:
    from antiphon import clock
    from antiphon.actions.catalog.importing import import_files

    imported = answer(
        import_files(
            [_read(name) for name in args.files],
            kind=args.kind,
            actor=operator(),
            now=clock.now(),
            trial=args.diff,
            progress=lambda said: print(f"{said} …", file=sys.stderr),
        )
    )
    _tell(imported, trial=args.diff)
    print(json.dumps({"diff": args.diff, **imported.summary()}, ensure_ascii=False))
    return 0 if imported.readable else NOTHING_READ


def _read(name: str) -> "File":
    from antiphon.actions.catalog.importing import File, text_of

    shown = "standard input" if name == "-" else Path(name).name
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else Path(name).read_bytes()
        if len(data) > LARGEST:
            return File(shown, fault=f"It is larger than {LARGEST // 1_000_000} MB: split it and import the parts.")
        return File(shown, text_of(data))
    except OSError as error:
        return File(shown, fault=f"It cannot be read: {error.strerror or error}.")
    except ValueError as error:
        return File(shown, fault=str(error))


def _tell(imported: "Imported", *, trial: bool) -> None:
    for change in imported.changes:
        print(change)
    for kept in imported.kept:
        print(kept)
    for name in imported.vanished:
        print(f"? entity {name} is named in no file any more; it stays until somebody removes it")
    for error in imported.errors:
        print(error, file=sys.stderr)
    if not imported.readable:
        print("Nothing could be read, so nothing was changed.", file=sys.stderr)
        return
    many = "1 change" if len(imported.changes) == 1 else f"{len(imported.changes)} changes"
    print(f"{many} {'would be made' if trial else 'made'}." if imported.changes else "No changes.", file=sys.stderr)
