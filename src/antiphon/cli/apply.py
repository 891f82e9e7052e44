"""`antiphon apply`: the whole configuration from one file."""

import os
import sys
from argparse import Namespace
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from antiphon.cli.options import add_place, answer, operator, to_try, to_write
from antiphon.config import ConfigError

EXAMPLE = "hosting-company.yaml"
FOUND_WRONG = 2
LARGEST = 20_000_000
"""Bytes; a file of 100,000 entities has about that."""


def register(subparsers: Any) -> None:
    """The file, and what to do with it."""
    parser = subparsers.add_parser("apply", help="set everything up from one YAML file; “-” reads standard input")
    parser.add_argument("file", nargs="?", metavar="FILE", help="what is to hold; what it does not mention stays")
    parser.add_argument("--diff", action="store_true", help="print what would change, and change nothing")
    parser.add_argument("--example", action="store_true", help="print a commented file to start from")
    add_place(parser)


def run(args: Namespace) -> int:
    """Apply the file, or show it; 2 when the file has faults, all of which are listed."""
    if args.example:
        print(example(), end="")
        return 0
    if args.file is None:
        raise ConfigError("name the file to apply, or ask for one to start from: antiphon apply --example.")
    text = _read(args.file)
    with ExitStack() as until_the_end:
        if args.diff:
            to_try(args, until_the_end)
        else:
            to_write(args)
        return _apply(args, text)


def _apply(args: Namespace, text: str) -> int:
    from antiphon import clock
    from antiphon.actions import configuration

    applied = answer(
        configuration.apply(
            text,
            source=Path(args.file).name,
            environ=os.environ,
            actor=operator(),
            now=clock.now(),
            trial=args.diff,
        )
    )
    if applied.problems:
        return _refuse(args.file, [str(problem) for problem in applied.problems])
    print("\n".join([*map(str, applied.changes), _summary(len(applied.changes), trial=args.diff)]))
    if not args.diff and any((change.sign, change.noun) == ("+", "person") for change in applied.changes):
        print("New people sign in by a link: antiphon person link EMAIL.", file=sys.stderr)
    return 0


def example() -> str:
    """The example organisation's file."""
    return (files("antiphon") / "examples" / EXAMPLE).read_text(encoding="utf-8")


def _read(name: str) -> str:
    data = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else Path(name).read_bytes()
    if len(data) > LARGEST:
        raise ConfigError(f"{name} is larger than {LARGEST // 1_000_000} MB: split it and apply the parts in turn.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name}, line {line}: this is not UTF-8 text; save the file as UTF-8.") from None


def _refuse(name: str, problems: list[str]) -> int:
    for problem in problems:
        print(f"{name}, {problem}", file=sys.stderr)
    many = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
    print(f"{many} in {name}; nothing was changed.", file=sys.stderr)
    return FOUND_WRONG


def _summary(count: int, *, trial: bool) -> str:
    if not count:
        return "No changes."
    many = "1 change" if count == 1 else f"{count} changes"
    return f"{many} would be made." if trial else f"{many} made."
