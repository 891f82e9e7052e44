"""`antiphon lint`: what is wrong with a text, before anybody reads it."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from antiphon import clock
from antiphon.cli.options import add_place, to_read
from antiphon.config import ConfigError
from antiphon.core.audiences import Audience, Moment
from antiphon.core.lint import Known, LintResult, lint
from antiphon.core.severity import Severity

LONGEST_FILE: Final = 64 * 1024 * 1024
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of one text, and of one line with a text in it."""


def register(subparsers: Any) -> None:
    """The reader, the gravity and the moment; the instant of writing; the texts."""
    parser: ArgumentParser = subparsers.add_parser("lint", help="say what is wrong with a text, as JSON")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="the text; - reads standard input (default)"
    )
    parser.add_argument("--audience", required=True, type=_audience, help=f"who reads it: {', '.join(Audience)}")
    parser.add_argument("--severity", required=True, type=_severity, metavar="SEVn", help="SEV1 to SEV5")
    parser.add_argument("--moment", required=True, type=_moment, help=f"which word it is: {', '.join(Moment)}")
    parser.add_argument(
        "--at", type=_instant, metavar="INSTANT", help="when it is written, with its zone (default: now)"
    )
    parser.add_argument(
        "--jsonl", action="store_true", help='a text per line: {"id": …, "text": …, "at": …}; one answer per line'
    )
    add_place(parser)
    parser.epilog = "With --data or --database-url the organisation's words, people and zone are known."


def run(args: Namespace) -> int:
    """Print the findings and the next update's instant; 1 when a finding is an error or a line cannot be read."""
    known = _house(args)
    at = args.at or clock.now()
    with _opened(args.file) as stream:
        if args.jsonl:
            return _each_line(stream, args, known, at)
        found = _read(_whole(stream, args.file), args, known, at)
    print(json.dumps(_shape(found), indent=2))
    return 1 if found.errors else 0


def _each_line(stream: BinaryIO, args: Namespace, known: Known, at: datetime) -> int:
    """An answer for every line that is not empty; a line that cannot be read is named, and the rest is read."""
    code = 0
    for number, line in _lines(stream):
        try:
            asked = _asked(line)
            found = _read(asked["text"], args, known, _instant(asked["at"]) if asked.get("at") else at)
        except (ValueError, ArgumentTypeError) as error:
            code = 1
            print(json.dumps({"line": number, "error": str(error)}))
            continue
        code = 1 if found.errors else code
        print(json.dumps({"id": asked.get("id"), **_shape(found)}))
    return code


def _asked(line: bytes) -> dict[str, Any]:
    """The line as an object with a text. Raises ValueError with a sentence."""
    if len(line) >= LONGEST_LINE:
        raise ValueError(f"The line has more than {LONGEST_LINE:,} bytes: shorten the text.")
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError('The line is no JSON: write {"id": …, "text": …, "at": …}.') from None
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise ValueError('The line has no text: write {"id": …, "text": …, "at": …}.')
    if not isinstance(asked.get("at") or "", str):
        raise ValueError("“at” is no instant: write one such as 2026-11-21T14:30:00Z.")
    return asked


def _read(text: str, args: Namespace, known: Known, at: datetime) -> LintResult:
    return lint(text, audience=args.audience, severity=args.severity, moment=args.moment, at=at, known=known)


def _shape(found: LintResult) -> dict[str, Any]:
    promised = found.next_update_at
    instant = promised.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if promised else None
    return {
        "findings": [
            {"rule": one.rule, "message": one.message, "start": one.start, "end": one.end, "level": one.level}
            for one in found.findings
        ],
        "next_update_at": instant,
    }


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with open(name, "rb") as stream:
        yield stream


def _whole(stream: BinaryIO, name: str) -> str:
    found = stream.read(LONGEST_FILE + 1)
    if len(found) > LONGEST_FILE:
        raise ConfigError(f"{name} has more than {LONGEST_FILE:,} bytes: that is no text for readers.")
    return found.decode("utf-8-sig", errors="replace")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every line that is not empty, with its number; of one without end, only the begin."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        if line.strip():
            yield number, line


def _house(args: Namespace) -> Known:
    if not (args.data or args.database_url):
        return Known()
    to_read(args)
    from antiphon.db import vocabulary

    return vocabulary.known()


def _audience(words: str) -> Audience:
    return Audience(_one_of(words, tuple(Audience)))


def _moment(words: str) -> Moment:
    return Moment(_one_of(words, tuple(Moment)))


def _one_of(words: str, known: tuple[str, ...]) -> str:
    name = words.strip().lower().replace("-", "_").replace(" ", "_")
    if name not in known:
        raise ArgumentTypeError(f"{words!r} is none of {', '.join(known)}")
    return name


def _severity(words: str) -> int:
    name = words.strip().upper().removeprefix("SEV").lstrip("-")
    if name not in {str(int(each)) for each in Severity}:
        raise ArgumentTypeError(f"{words!r} is no severity: give SEV1 to SEV5")
    return int(name)


def _instant(words: str) -> datetime:
    example = "give one such as 2026-11-21T14:30:00Z"
    try:
        at = datetime.fromisoformat(words.strip())
    except ValueError:
        raise ArgumentTypeError(f"{words!r} is no instant: {example}") from None
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{words!r} names no zone: {example}")
    if not 1971 <= at.year <= 2998:
        raise ArgumentTypeError(f"{words!r} lies too far away: {example}")
    return at.astimezone(UTC)
