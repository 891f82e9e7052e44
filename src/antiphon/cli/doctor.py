"""`antiphon doctor`: what is there, what is wrong, and how to mend it."""

import json
from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, place, table
from antiphon.config import ConfigError


def register(subparsers: Any) -> None:
    """The data folder, and the form of the answer."""
    parser = subparsers.add_parser("doctor", help="look at everything and say what is wrong and how to mend it")
    parser.add_argument("--json", action="store_true", help="for programs")
    add_place(parser)


def run(args: Namespace) -> int:
    """Look at everything; 1 when something is wrong."""
    config = place(args)
    if not config.data.exists():
        raise ConfigError(f"There is no folder {config.data}: name the data folder with --data.")
    from antiphon.wiring import processes

    processes.prepare(config)
    from antiphon import clock
    from antiphon.wiring import doctor

    found = doctor.look(config, now=clock.now())
    wrong = [one for one in found if one.wrong]
    if args.json:
        listed = [{"name": one.name, "says": one.says, "wrong": one.wrong, "mend": one.mend} for one in found]
        print(json.dumps({"ok": not wrong, "findings": listed}, indent=2))
        return int(bool(wrong))
    print(table(("WRONG" if one.wrong else "ok", one.name, one.says) for one in found))
    print("".join(f"\n{one.name}: {one.mend}" for one in wrong) or "\nNothing is wrong.")
    return int(bool(wrong))
