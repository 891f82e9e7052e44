"""The command line: `cli/<command>.py` is `antiphon <command>`, found by scanning this package.

A command's file has `register(subparsers)`, which declares its words, and `run(args)`, which does it
and answers the exit code. It imports what it works with inside `run`: Django must be told the data
folder first, and `antiphon version` should not wait for Django.
"""

import os
import pkgutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from antiphon.config import ConfigError

WRONG = 2
"""The exit code of a command that was asked for something it cannot do."""


class Parser(ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence and the way to the help."""
        self.exit(WRONG, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the words name; answers the exit code, and never shows a traceback
    unless ANTIPHON_DEBUG=1 asks for it."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser(words).parse_args(words)
    try:
        return int(import_module(f"{__name__}.{args.command}").run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output went away, as `head` does; Python must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the last edge: a person reads a sentence, not a traceback
        if os.environ.get("ANTIPHON_DEBUG") == "1":
            raise
        print(f"antiphon {args.command}: {_sentence(error)}", file=sys.stderr)
        return WRONG


def commands() -> dict[str, str]:
    """Every command's name with its module, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: f"{__name__}.{name}" for name in names if name not in NOT_COMMANDS}


NOT_COMMANDS = frozenset({"options", "demo_data"})


def _parser(words: Sequence[str]) -> Parser:
    """A parser of the command at hand alone when there is one, so that no other file is read."""
    known = commands()
    parser = Parser(prog="antiphon", description="Incident response on two tracks, technical and business.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name in [words[0]] if words and words[0] in known else known:
        import_module(known[name]).register(subparsers)
    return parser


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ConfigError):
        return text
    if isinstance(error, PermissionError):
        return f"This user may not use {_barred(error)}: change its owner, or choose another place."
    if isinstance(error, OSError):
        return f"{error.strerror or text}: {error.filename or 'see `antiphon doctor`'}."
    if type(error).__module__ in ("django.db.utils", "psycopg.errors"):
        return f"The database refused: {text}. `antiphon doctor` says what is wrong with it."
    return f"This should not happen: {type(error).__name__}: {text}. ANTIPHON_DEBUG=1 shows where."


def _barred(error: PermissionError) -> Path:
    """What to give to this user: the file, or the folder that lets nothing be made in it."""
    path = Path(error.filename or ".")
    return path if path.exists() or os.access(path.parent, os.W_OK) else path.parent
