"""What engine and sender share: how they are ended, the interpreter's pace, and that they report themselves."""

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from antiphon.wiring.heartbeat import Heartbeat

SWITCH_SECONDS: Final = 0.0005
"""How long one thread of ours may keep the other waiting: one asks the database while the other sends or steps."""
COLLECT_AFTER: Final = 10_000
"""New objects after which the collector looks for rings among them: at Python's 700, and with all that a process makes
at its start, it took a tenth of the work of a burst."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works until `stop` is set: by a signal, which `asked` tells, or by a thread that broke."""

    asked: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def code(self) -> int:
        """The exit code: 1 when nobody asked it to end."""
        return 0 if self.asked.is_set() else 1

    def end(self, *_: object) -> None:
        """SIGTERM or SIGINT came."""
        self.asked.set()
        self.stop.set()


@contextmanager
def at_work(kind: str) -> Iterator[Worker]:
    """Make this process a worker of this kind while the block lasts. Call it in the main thread."""
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.end)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    with Heartbeat(kind):
        yield worker
    connection.close()
