"""The line between `antiphon up` and its two processes: they say that they are ready, and end with it."""

import os
import signal
import socket
import threading
import time
from dataclasses import dataclass

LIFELINE = "ANTIPHON_LIFELINE"
LISTENER = "ANTIPHON_LISTENER"
DRAIN_SECONDS = 20.0
READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Lifeline:
    """A process's end of the line; without a parent it says nothing and never breaks."""

    line: socket.socket | None = None
    listener: socket.socket | None = None

    @classmethod
    def from_environment(cls) -> "Lifeline":
        """What the parent handed on: the line, and for the web process the socket it listens on."""
        made = cls(line=_handed(LIFELINE), listener=_handed(LISTENER))
        if made.line is not None:
            threading.Thread(target=_end_with, args=(made.line,), name="lifeline", daemon=True).start()
        return made

    @property
    def attended(self) -> bool:
        """Whether a parent looks after this process."""
        return self.line is not None

    def ready(self) -> None:
        """Tell the parent that the work began."""
        if self.line is not None:
            self.line.sendall(READY)


def _end_with(line: socket.socket) -> None:
    """Nothing is ever sent our way, so whatever comes is the end of the line: finish, or be finished."""
    line.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_SECONDS)
    os._exit(1)


def _handed(name: str) -> socket.socket | None:
    """A socket whose number the environment holds; grandchildren never see it."""
    number = os.environ.pop(name, "")
    if not number:
        return None
    os.set_inheritable(int(number), False)
    return socket.socket(fileno=int(number))
