"""A lock file that lets two writing processes take turns on one SQLite file.

SQLite's own lock is polled, so a process that commits all the time starves the others (p99 183 to
432 ms in a trial). Every writer passes this gate first: a waiter in `hold` is woken by the kernel
the moment the gate opens, and shows meanwhile, by a shared lock on the queue file beside it, that
somebody waits: the intake then leaves the gate open for a moment. The gate is about fairness only;
SQLite's lock remains the truth, and a writer that does not pass here is merely slower. PostgreSQL
needs none: use `OpenGate`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

PAUSE_SECONDS = 0.001
"""How long a writer that never rests leaves the gate open for one who waits."""


class Gate(Protocol):
    """What a writer passes before it opens a transaction."""

    def try_enter(self) -> bool: ...

    def leave(self) -> None: ...

    def wanted(self) -> bool: ...

    def close(self) -> None: ...


class FileGate:
    """The gate of one data folder; an object serves one writer at a time, so each has its own."""

    def __init__(self, path: Path) -> None:
        self._file = _open(path)
        self._queue = _open(path.with_suffix(".queue"))

    def enter(self) -> None:
        """Wait for one's turn, however long it takes."""
        fcntl.flock(self._queue, fcntl.LOCK_SH)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        fcntl.flock(self._queue, fcntl.LOCK_UN)

    def wanted(self) -> bool:
        """Whether somebody waits in `enter`."""
        try:
            fcntl.flock(self._queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._queue, fcntl.LOCK_UN)
        return False

    def try_enter(self) -> bool:
        """Enter when nobody is inside; never waits."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back; also leaves."""
        os.close(self._file)
        os.close(self._queue)


class OpenGate:
    """No gate: the database orders its writers by itself."""

    def try_enter(self) -> bool:
        """Always enters."""
        return True

    def leave(self) -> None:
        """Nothing to leave."""

    def wanted(self) -> bool:
        """Nobody waits."""
        return False

    def close(self) -> None:
        """Nothing to give back."""


@contextmanager
def hold(path: Path | None) -> Iterator[None]:
    """Pass the gate around one write transaction; waits for its turn. None: there is no gate.

        with hold(gate_path), transaction.atomic(durable=True): ...

    The lock goes with the process, so a killed writer leaves the gate open.
    """
    if path is None:
        yield
        return
    gate = FileGate(path)
    try:
        gate.enter()
        yield
    finally:
        gate.close()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
