"""Wake-up hints: "something changed, look now". Losing every one of them costs at most a second.

SQLite: a datagram to socket files in the data folder. PostgreSQL: NOTIFY, for processes anywhere.
A hint carries nothing and is never the reason that work is done; `wake_at` rows are.
"""

import contextlib
import os
import select
import socket
import time
from pathlib import Path
from typing import Protocol

import psycopg

LISTENING = ("engine", "sender")
"""Kinds of process that may listen, each at a socket file of its own."""
CHANNEL = "antiphon"


class Sender(Protocol):
    """Gives the hint; never fails, never waits."""

    def send(self) -> None:
        """Say that something changed."""


class Listener(Protocol):
    """Waits for a hint."""

    def wait(self, seconds: float) -> None:
        """Return at a hint, or after so many real seconds."""


class NoHints:
    """Hints switched off: who waits polls."""

    def send(self) -> None:
        """Say nothing."""

    def wait(self, seconds: float) -> None:
        """Sleep it out."""
        time.sleep(seconds)


class SocketSender:
    """Hints to the processes on the same data folder that listen."""

    def __init__(self, folder: Path) -> None:
        self._paths = [str(_path(folder, kind)) for kind in LISTENING]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def send(self) -> None:
        """A datagram each; nobody there, or one who has hints waiting already, is no error."""
        for path in self._paths:
            with contextlib.suppress(OSError):
                self._socket.sendto(b"!", path)


class SocketListener:
    """A listening process's end of its socket; `kind` is one of those that may listen."""

    def __init__(self, folder: Path, kind: str) -> None:
        path = _path(folder, kind)
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        os.chmod(path, 0o600)

    def wait(self, seconds: float) -> None:
        """Wait for a datagram and take all that lie there."""
        select.select([self._socket], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(16):
                pass


class PostgresSender:
    """NOTIFY on a connection of its own, at most every 10 ms."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None
        self._last = 0.0

    def send(self) -> None:
        """Notify whoever listens; a lost connection is opened again at the next hint."""
        moment = time.monotonic()
        if moment - self._last < 0.01:
            return
        self._last = moment
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
            self._connection.execute(f"NOTIFY {CHANNEL}")
        except psycopg.Error:
            self._connection = None


class PostgresListener:
    """LISTEN on a connection of its own; without a connection it sleeps like `NoHints`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Wait for a notification."""
        started = time.monotonic()
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
                self._connection.execute(f"LISTEN {CHANNEL}")
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self._connection = None
            time.sleep(max(0.0, seconds - (time.monotonic() - started)))


def _path(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.sock"


sender: Sender = NoHints()


def use(chosen: Sender) -> None:
    """Send this process's hints through `chosen` from now on."""
    global sender
    sender = chosen
