"""The demo's data folder: what marks it as a demo's, and how it is emptied."""

import shutil
from pathlib import Path
from typing import IO

import msgspec

from antiphon.config import DATABASE_FILE, KEY_FILE, ConfigError
from antiphon.wiring.parent import LOCK_NAME

MARKER = "demo.json"
LOG = "demo.log"


class Marker(msgspec.Struct, frozen=True):
    """What a demo remembers of itself: the path that alerts come in by and the player's token, empty until it is set
    up, whether it was played to the end, and the names that were in its folder before it, which are not its own."""

    path: str = ""
    token: str = ""
    played: bool = False
    theirs: tuple[str, ...] = ()


def read(data: Path) -> Marker | None:
    """What the folder's demo remembers; None in a folder without one."""
    path = data / MARKER
    return msgspec.json.decode(path.read_bytes(), type=Marker) if path.exists() else None


def write(data: Path, marker: Marker) -> None:
    """Remember; the key and the token open doors, so only the owner may read it."""
    path = data / MARKER
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(marker))


def require_ours(data: Path) -> None:
    """Refuse a folder that holds an installation which is no demo. Raises ConfigError."""
    if any((data / name).exists() for name in (DATABASE_FILE, KEY_FILE)) and not (data / MARKER).exists():
        raise ConfigError(
            f"{data} holds an Antiphon that is no demo: choose another folder with --data. "
            f"To run what is there: antiphon up --data {data}"
        )


def begin(data: Path) -> None:
    """Make the folder a demo's, if it is none yet: what is in it stays whoever's it is. Before anything else is put
    there."""
    if read(data) is None:
        data.mkdir(parents=True, exist_ok=True)
        write(data, Marker(theirs=tuple(sorted(path.name for path in data.iterdir() if path.name != LOCK_NAME))))


def clear(data: Path) -> None:
    """Remove everything that the demo wrote, but for the lock that we hold and the mark of what is not its own."""
    theirs = (read(data) or Marker()).theirs
    for path in data.iterdir():
        if path.name in (LOCK_NAME, *theirs):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    write(data, Marker(theirs=theirs))


def log(data: Path) -> IO[bytes]:
    """Where the processes say what only the curious want to read."""
    return (data / LOG).open("ab")
