"""One engine process: the stepping loop in the main thread, delivery in a thread of its own."""

import gc
import signal
import sys
import threading

from django.db import connection

from antiphon.config import Config
from antiphon.engine import duties, loop
from antiphon.queries import deliveries
from antiphon.wiring import auditing, processes, sending
from antiphon.wiring.heartbeat import Heartbeat
from antiphon.wiring.lifeline import Lifeline

SWITCH_SECONDS = 0.0005
"""How long one thread of ours may keep the other waiting: the delivery sends while the engine steps."""
COLLECT_AFTER = 10_000
"""New objects after which the collector looks for rings among them: at Python's 700, and with all that a process makes
at its start, it took a tenth of the work of a burst."""


def work(config: Config, lifeline: Lifeline) -> int:
    """Step and send what is due until SIGTERM or SIGINT; answers the exit code, 1 when sending broke."""
    asked, stop = threading.Event(), threading.Event()
    sys.setswitchinterval(SWITCH_SECONDS)

    def end(*_: object) -> None:
        asked.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    engine = loop.Engine(duties.registry(), unsent=lambda now: deliveries.pages_wait(now=now))
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    with (
        Heartbeat("engine"),
        auditing.beside(config, stop=stop),
        sending.beside(config, processes.listener(config), stop=stop) as listener,
    ):
        lifeline.ready()
        loop.run(engine, stop=stop, listener=listener)
    connection.close()
    return 0 if asked.is_set() else 1
