"""The line between `antiphon up` and its processes: they are told when the database is as it should be, say when
they are ready, and end with it."""

import os
import signal
import socket
import threading
import time
from dataclasses import dataclass, field

LIFELINE = "ANTIPHON_LIFELINE"
LISTENER = "ANTIPHON_LISTENER"
DRAIN_SECONDS = 20.0
CLEAR = b"c"
READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Lifeline:
    """A process's end of the line; without a parent it says nothing and never breaks."""

    line: socket.socket | None = None
    listener: socket.socket | None = None
    clear: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def from_environment(cls) -> "Lifeline":
        """What the parent handed on: the line, and for the web process the socket it listens on."""
        made = cls(line=_handed(LIFELINE), listener=_handed(LISTENER))
        if made.line is not None:
            threading.Thread(target=made._follow, args=(made.line,), name="lifeline", daemon=True).start()
        return made

    @property
    def attended(self) -> bool:
        """Whether a parent looks after this process."""
        return self.line is not None

    def wait(self) -> None:
        """Until the parent has seen to the database, which it does while we load."""
        if self.line is not None:
            self.clear.wait()

    def ready(self) -> None:
        """Tell the parent that the work began."""
        if self.line is not None:
            self.line.sendall(READY)

    def _follow(self, line: socket.socket) -> None:
        """One thing is sent our way; whatever comes else is the end of the line: finish, or be finished."""
        if line.recv(1) == CLEAR:
            self.clear.set()
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
