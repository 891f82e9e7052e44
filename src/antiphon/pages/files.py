"""A page as a folder of files that any web server can hand out, old but whole while everything else is down."""

from __future__ import annotations

import gzip
import json
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

STAMP = ".rendered"
"""Written last, so that a stamp stands for a whole rendering. Names that start with a dot are never served."""
WRITTEN = ".written"
"""In a folder that is shared with others: which files are ours."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a folder shows: the page's revision and the whole minute it was rendered for."""

    revision: int
    as_of: datetime


def write(folder: Path, files: Mapping[str, bytes], stamp: Stamp, *, shared: bool = False) -> int:
    """Make the folder hold exactly these files, each with its .gz beside it; the number of files that changed.

    A reader sees the old file or the new one, never half of one; bytes that did not change are not written again, and
    a file left over from an earlier rendering is removed. `shared`: the folder is not ours alone; what we did not
    write there stays.
    """
    wanted = {name: body for path, raw in files.items() for name, body in ((path + ".gz", _packed(raw)), (path, raw))}
    ours = _written(folder) | wanted.keys() if shared else None
    if ours is not None:  # first, so that one who is killed half-way leaves nothing that nobody owns
        _replace(folder / WRITTEN, json.dumps(sorted(ours)).encode())
    changed = sum(_replace(folder / name, body) for name, body in wanted.items())
    changed += _remove_others(folder, wanted.keys(), ours)
    if ours is not None:
        _replace(folder / WRITTEN, json.dumps(sorted(wanted)).encode())
    if changed or read_stamp(folder) != stamp:
        put(folder / STAMP, json.dumps([stamp.revision, stamp.as_of.isoformat()]).encode())
    return changed


def read_stamp(folder: Path) -> Stamp | None:
    """What the folder shows, None when it holds no whole rendering."""
    try:
        revision, as_of = json.loads((folder / STAMP).read_bytes())
        return Stamp(int(revision), datetime.fromisoformat(as_of))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@lru_cache(maxsize=5000)
def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, 6, mtime=0)  # without a time the same bytes pack alike


def _replace(path: Path, body: bytes) -> bool:
    try:
        if path.read_bytes() == body:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    put(path, body)
    return True


def put(path: Path, body: bytes) -> None:
    """Write a file whole: whoever reads it gets the old bytes or the new ones. Its folder must be there."""
    # A name of its own per writer: two processes may render into one folder at the same time.
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with half.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


def _written(folder: Path) -> set[str]:
    try:
        return {str(name) for name in json.loads((folder / WRITTEN).read_bytes())}
    except (FileNotFoundError, ValueError, TypeError):
        return set()


def _remove_others(folder: Path, wanted: Collection[str], ours: Collection[str] | None) -> int:
    # Names with a dot are the stamp and what another writer has in hand.
    removed = 0
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder).as_posix()
        if name not in wanted and not path.name.startswith(".") and (ours is None or name in ours):
            path.unlink(missing_ok=True)
            removed += 1
    return removed
