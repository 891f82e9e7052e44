"""`antiphon pages`: the public status page as files."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from antiphon.cli.options import add_place, to_read
from antiphon.config import ConfigError


def register(subparsers: Any) -> None:
    """Render."""
    parser = subparsers.add_parser("pages", help="the public status page as files")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    rendering = verbs.add_parser("render", help="render the page as last published, for any web server")
    rendering.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_place(rendering)


def run(args: Namespace) -> int:
    """Render into the folder."""
    to_read(args)
    from antiphon import clock
    from antiphon.db.addresses import base_url
    from antiphon.pages.keep import render_to

    try:
        args.out.mkdir(parents=True, exist_ok=True)
        stamp = render_to(args.out, now=clock.now(), base=base_url(), shared=True)
    except OSError as error:
        raise ConfigError(
            f"Nothing can be written to {args.out} ({error.strerror}): name a folder of your own with --out."
        ) from None
    print(f"The page as of {stamp.as_of:%Y-%m-%d %H:%M} UTC is in {args.out}.")
    return 0
