"""`antiphon export`: one incident whole, as JSON or Markdown."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from antiphon.cli.options import add_place, to_read
from antiphon.config import ConfigError


def register(subparsers: Any) -> None:
    """Which incident, in which form, where to."""
    parser = subparsers.add_parser("export", help="write out one incident: events, facts, texts, promises")
    parser.add_argument("incident", metavar="INCIDENT", help="its number or id")
    parser.add_argument("--format", choices=("json", "markdown"), default="json")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here instead of printing")
    add_place(parser)


def run(args: Namespace) -> int:
    """Print or write the incident."""
    to_read(args)
    from antiphon.queries import exports

    found = exports.export(args.incident)
    if found is None:
        raise ConfigError(f"There is no incident {args.incident}: give its number, such as 12, or its id.")
    text = exports.markdown(found) if args.format == "markdown" else found.json() + "\n"
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8")
    return 0
