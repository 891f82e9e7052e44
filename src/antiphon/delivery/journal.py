"""What providers accepted and the database does not know yet, kept on this machine's disk.

Outcomes of a mailing are recorded by the hundred; a worker killed in between would send these mails again. So each
acceptance is noted first, by one write to a file of the worker's own, which outlives the process, though not always the
machine. Whoever finds the notes of a worker that is gone, or stands still, records them under the leases that it held.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from antiphon import clock
from antiphon.db.claims import Leased

FOLDER: Final = "accepted"
STANDS_STILL: Final = 3.0
"""Real seconds after which notes that nobody has recorded are read though their worker lives."""
_NAME: Final = "*.notes"
_NOTHING: Final = 0
"""The key of no delivery, in notes of a lease alone."""


@dataclass(frozen=True, slots=True)
class Note:
    """A delivery (key) that was accepted under a lease, and the provider's name for it."""

    key: int
    lease: str
    reference: str


class Journal:
    """One worker's notes, in a folder that all workers of this machine share. Use it in one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._empty = folder, True
        self._path = folder / f"{secrets.token_hex(8)}.notes"
        fresh = self._path.with_suffix(".new")
        self._file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # it goes with the process, and tells the others that we live
        fresh.rename(self._path)

    def claimed(self, leases: Iterable[str]) -> None:
        """Messages are under way under these leases: should we end, nobody need wait until they run out."""
        os.write(self._file, "".join(f"{_NOTHING} {lease} \n" for lease in leases).encode())
        self._empty = False

    def accepted(self, rows: Sequence[Leased], reference: str) -> None:
        """A message that tells these rows is the provider's now."""
        os.write(self._file, "".join([f"{row.pk} {row.lease} {reference}\n" for row in rows]).encode())
        self._empty = False

    def forget(self) -> None:
        """Nothing is under way, and all that was accepted stands in the database."""
        if not self._empty:
            os.ftruncate(self._file, 0)
            self._empty = True

    def close(self) -> None:
        """At the end of a worker that was told to stop; what it could not record stays for the others."""
        if self._empty:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def left(self) -> Iterator[tuple[list[Note], bool]]:
        """Notes of workers that are gone or stand still, a worker at a time, and whether it is gone.

        Those of one that is gone are put away when the next are asked for: record them before.
        """
        for path in self._folder.glob(_NAME):
            if path == self._path:
                continue
            try:
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # another was quicker
            try:
                gone = _gone(file)
                if gone or clock.real() - os.fstat(file).st_mtime > STANDS_STILL:
                    yield list(_notes(path.read_bytes())), gone
                if gone:
                    path.unlink(missing_ok=True)
            finally:
                os.close(file)


def _gone(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _notes(data: bytes) -> Iterator[Note]:
    """A line that was not written to its end is no note."""
    for line in data.decode(errors="replace").split("\n")[:-1]:
        key, _, rest = line.partition(" ")
        lease, _, reference = rest.partition(" ")
        if key.isdigit():
            yield Note(int(key), lease, reference)
