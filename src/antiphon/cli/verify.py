"""`antiphon verify`: is the record whole?"""

import sys
from argparse import Namespace
from typing import Any

from antiphon.cli.options import add_place, to_read


def register(subparsers: Any) -> None:
    """The data folder and the database."""
    parser = subparsers.add_parser("verify", help="prove that nothing on the record was changed, removed or cut off")
    add_place(parser)


def run(args: Namespace) -> int:
    """Walk every stream, then the checkpoints outside the database; 1 with the first row that does not fit."""
    config = to_read(args)
    from antiphon.db import checkpoints, record

    streams = record.streams()
    flaws = (flaw for stream in streams if (flaw := record.verify(stream)))
    flaw = next(flaws, None) or checkpoints.verify(config.data, secret=config.secret_key())
    if flaw is not None:
        print(f"antiphon verify: stream {flaw.stream}: {flaw.sentence}.", file=sys.stderr)
        return 1
    print(f"The record is whole: {record.length()} events on {len(streams)} stream{'' if len(streams) == 1 else 's'}.")
    return 0
