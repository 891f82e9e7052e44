"""`antiphon demo`: a made-up hosting company, one incident played live, and then the program to play with."""

import os
import sys
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from antiphon.cli.options import add_address, place

LOOPBACK = "127.0.0.0/8"
DEFAULT_FOLDER = "antiphon-demo"


def register(subparsers: Any) -> None:
    """The folder and the address; whether to begin anew, and whether to be told."""
    parser = subparsers.add_parser("demo", help="play one incident of a made-up company, then stay up to play with")
    parser.add_argument("--data", metavar="DIR", help=f"the demo's own data folder (default: ./{DEFAULT_FOLDER})")
    parser.add_argument("--fresh", action="store_true", help="forget what the folder holds and play from the start")
    parser.add_argument("--quiet", action="store_true", help="do not tell the story, print only where everything is")
    add_address(parser)


def run(args: Namespace) -> int:
    """Play, then run until SIGTERM or SIGINT. Raises ConfigError."""
    from antiphon.cli.demo import folder
    from antiphon.cli.demo.narration import Narrator
    from antiphon.cli.demo.performance import Performance
    from antiphon.cli.demo.sink import Sink
    from antiphon.wiring import listening, parent

    args.data, args.database_url = args.data or os.environ.get("ANTIPHON_DATA") or DEFAULT_FOLDER, ""
    config = replace(place(args), base_url="", allowed_private=(LOOPBACK,))
    folder.require_ours(config.data)
    with ExitStack() as stack:
        lock = stack.enter_context(parent.only_one(config))
        folder.begin(config.data)
        listener = stack.enter_context(listening.listen(config))
        config = replace(config, port=listener.getsockname()[1])
        if args.fresh:
            folder.clear(config.data)
        log = stack.enter_context(folder.log(config.data))
        sink = stack.enter_context(Sink(config.data))
        told = Narrator(sys.stdout, quiet=args.quiet)
        performance = Performance(config, listening.address(config, listener), sink, told)
        performance.prepare()
        stack.enter_context(performance)
        return parent.House(config, parent.children_with(listener), lock, log).keep(ready=performance.begin)
