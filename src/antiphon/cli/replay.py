"""`antiphon replay verdicts`: past incidents under today's settings of classification, or those of a file."""

import json
import os
from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.cli.options import add_place, to_read
from antiphon.config import ConfigError

if TYPE_CHECKING:
    from antiphon.core.classification import Classification


def register(subparsers: Any) -> None:
    """Since when, and under which settings."""
    parser = subparsers.add_parser("replay", help="see what past incidents would have come to")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("verdicts", help="which verdicts would differ, and who would have been told, as JSON")
    verb.add_argument("--since", required=True, type=_day, metavar="DATE", help="incidents declared from this day on")
    verb.add_argument(
        "--with", dest="file", metavar="FILE", help="a file with “classification:” (default: the settings that hold)"
    )
    add_place(verb)


def run(args: Namespace) -> int:
    """Print one JSON document; nothing is changed."""
    to_read(args)
    from antiphon import clock
    from antiphon.core.classification import differences
    from antiphon.db import classification
    from antiphon.queries import replay

    now = clock.now()
    rules = classification.current() if args.file is None else _rules(args.file)
    found = list(replay.replayed(since=args.since, rules=rules, now=now))
    told = {
        "since": args.since.isoformat(),
        "asked_at": now.isoformat(),
        "classification": differences(rules),
        "incidents": [{**asdict(one), "differs": one.differs} for one in found],
        "totals": replay.totals(found),
    }
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _rules(name: str) -> "Classification":
    """The settings with those of the file in place. Raises ConfigError with every fault of the file."""
    from antiphon.actions import configuration
    from antiphon.core.configuration.classification import rules_of
    from antiphon.db import classification

    config, problems = configuration.look(Path(name).read_text(encoding="utf-8-sig"), environ=os.environ)
    if config is None:
        raise ConfigError("; ".join(f"{name}, {problem}" for problem in problems))
    if config.classification is None:
        raise ConfigError(f"{name} has no “classification:”; write there what is to be other than it is.")
    return rules_of(config.classification, classification.current())


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day: give one such as 2026-01-31") from None
